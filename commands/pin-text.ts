import type { Pin } from '../schemas/pin.js'
import { bytes, count, number } from './terminal/format.js'
import { inOneLine } from './terminal/printable.js'
import { pairs, table } from './terminal/table.js'

const mostText = 500

/** One version, and what a person needs to cite and to check it. A command that is to be copied has a line of its own, short enough not to fold. */
export function pinText(pin: Pin): string {
  return pairs([
    ...factsOf(pin),
    ['cite', `${inOneLine(pin.citation, mostText)} SHA-256 ${pin.contentSha256}.`],
    ['check', `tributary dataset download ${pin.dataset} ${pin.version} --to DIR`],
    ['', `cd DIR && sha256sum -c ${pin.list.key}`],
  ])
}

/** The same of one that is, or is to be, withdrawn: there is nothing to cite any more. */
export const withdrawnText = (pin: Pin): string => pairs(factsOf(pin))

type Fact = readonly [string, string | null]

function factsOf(pin: Pin): readonly Fact[] {
  return [
    ['content hash', pin.contentSha256],
    ['rows', `${number(pin.rows)} in ${count(pin.files, 'file')}, ${bytes(pin.bytes)}`],
    ['pinned', pin.pinnedAt],
    ...(pin.note === null ? [] : [['note', inOneLine(pin.note, mostText)] as const]),
    ...(pin.withdrawn === null ? [] : [['withdrawn', `${pin.withdrawn.at}: ${inOneLine(pin.withdrawn.reason, mostText)}`] as const]),
  ]
}

const states: Readonly<Record<Pin['state'], string>> = { pinned: 'pinned', pinning: 'begun: pin it again', withdrawn: 'withdrawn' }

export function pinsText(pins: readonly Pin[], columns: number): string {
  if (pins.length === 0) return 'no version is pinned'
  return table(
    ['dataset', 'version', 'state', 'rows', 'files', 'size', 'pinned', 'note', 'content hash'],
    pins.map(pin => [
      pin.dataset,
      pin.version,
      states[pin.state],
      pin.rows,
      pin.files,
      bytes(pin.bytes),
      pin.pinnedAt,
      inOneLine(pin.withdrawn?.reason ?? pin.note ?? '', 60) || null,
      pin.contentSha256,
    ]),
    columns,
  )
}
