import { letterStates } from '../runtime/dead-letters/letter-states.js'
import type { LetterList } from '../runtime/dead-letters/list-letters.js'
import type { ReplaySum } from '../runtime/dead-letters/replay.js'
import type { ShownLetter } from '../runtime/dead-letters/show-letter.js'
import { bytes, count, number } from './terminal/format.js'
import { prettyJson } from './terminal/pretty-json.js'
import { inOneLine, printable } from './terminal/printable.js'
import { pairs, table } from './terminal/table.js'

const shortId = (id: string) => id.slice(0, 12)
const time = (ms: number) => new Date(ms).toISOString()

export function lettersText({ counts, total, letters }: LetterList, columns?: number): string {
  if (total === 0) return 'no dead letter'
  const byCode = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
  const shown = letterStates.filter(state => byCode.some(([, by]) => (by[state] ?? 0) > 0))
  return [
    table(
      ['code', ...shown],
      byCode.map(([code, by]) => [code, ...shown.map(state => by[state] ?? null)]),
      columns,
    ),
    '',
    table(
      ['id', 'code', 'state', 'refused', 'reason', 'source'],
      letters.map(letter => [
        shortId(letter.id),
        letter.code,
        letter.state,
        time(letter.refusedAt).slice(0, 19),
        inOneLine(letter.reason, 60),
        letter.source === null ? 'produced to xapi' : inOneLine(letter.source, 300),
      ]),
      columns,
    ),
    ...(total > letters.length ? [`… and ${number(total - letters.length)} older ones (--limit shows more)`] : []),
  ].join('\n')
}

const mostText = 4000

export function letterText({ letter, entry, decision, damage, cannotReplay }: ShownLetter, columns?: number): string {
  const body = letter.bytes
  const size = letter.whole?.length ?? body?.length ?? 0
  return [
    pairs([
      ['id', letter.id],
      ['code', `${letter.code}: ${inOneLine(letter.reason, 300)}`],
      [
        'damage',
        damage === null ? null : `${damage.byte === null ? '' : `at byte ${number(damage.byte)}: `}${inOneLine(damage.says, 500)}`,
      ],
      ['source', letter.source === null ? 'produced to xapi by somebody' : inOneLine(letter.source, 500)],
      ['received', letter.received],
      ['refused', `${time(entry.refusedAt)}${entry.refusals > 1 ? `, ${entry.refusals} times in all` : ''}`],
      [
        'record',
        letter.from === null
          ? 'none: the line never entered xapi'
          : `${letter.from.topic}/${letter.from.partition} @ ${letter.from.offset}`,
      ],
      ['state', stateText(entry.state, decision)],
      [
        'bytes',
        body === null ? 'none' : `${bytes(size)}${body.length < size ? `, of which the first ${bytes(body.length)} are kept` : ''}`,
      ],
    ]),
    '',
    ...(body === null ? [] : [bodyText(body, damage?.byte ?? null, columns), '']),
    cannotReplay === null ? `After a fix: tributary dead-letters replay ${shortId(letter.id)}` : `It cannot be replayed: ${cannotReplay}`,
  ].join('\n')
}

function stateText(state: ShownLetter['entry']['state'], decision: ShownLetter['decision']): string {
  if (decision === null || state === 'open') return state
  const { by, at, reason, xapi } = decision
  const where = xapi === null ? '' : ` to xapi/${xapi.partition} @ ${xapi.offset}`
  const said = `by ${inOneLine(by, 60)} at ${at}${reason === null ? '' : `: ${inOneLine(reason, 300)}`}`
  return state === 'refused again' ? `refused again after the replay${where} ${said}` : `${state}${where} ${said}`
}

/** With a place of damage: what is around it, and a mark. Else the whole, set out if it is JSON. */
function bodyText(body: Buffer, damage: number | null, columns?: number): string {
  if (damage !== null) return aroundDamage(body, damage, columns)
  const text = body.toString('utf8')
  const shown = isObject(text) ? prettyJson(text) : text
  return shown.length > mostText ? `${printable(shown.slice(0, mostText))}\n… (--json has all)` : printable(shown)
}

/** Bytes that are shown of it, where the terminal is wide enough. */
const around = 120

function aroundDamage(body: Buffer, at: number, columns = around + 2): string {
  const before = Math.floor((Math.min(columns - 2, around) * 7) / 12)
  const after = Math.min(columns - 2, around) - before
  // Decoded apart, so that the mark stands under the damage whatever comes before it.
  const left = inOneLine(body.subarray(Math.max(0, at - before), at).toString('utf8'), before)
  const right = inOneLine(body.subarray(at, at + after).toString('utf8'), after)
  const [dots, more] = [at > before ? '…' : '', body.length > at + after ? '…' : '']
  return `${dots}${left}${right}${more}\n${' '.repeat([...dots, ...left].length)}^ byte ${number(at)} of ${number(body.length)}`
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

const mostLeft = 20

export function replayText(sum: ReplaySum & { readonly refusedAgain: number | null }, dryRun: boolean, columns?: number): string {
  const { selected, replayed, before: done, left, refusedAgain } = sum
  if (selected === 0) return 'no undecided dead letter is chosen'
  const shown = left.slice(0, mostLeft)
  return [
    `${count(replayed.length, 'letter')} ${dryRun ? 'would be replayed' : 'replayed'}${done > 0 ? `; ${number(done)} replayed before, nothing is done` : ''}`,
    ...(refusedAgain === null
      ? []
      : [refusedAgain === 0 ? 'route has accepted all of them' : `${number(refusedAgain)} of them refused again`]),
    ...(left.length === 0
      ? []
      : [
          `${number(left.length)} left:`,
          table(
            ['id', 'code', 'why', 'source'],
            shown.map(each => [
              shortId(each.id),
              each.code,
              inOneLine(each.why, 300),
              each.source === null ? null : inOneLine(each.source, 300),
            ]),
            columns,
          ),
          ...(left.length > shown.length ? [`… and ${number(left.length - shown.length)} more (--json lists all)`] : []),
        ]),
  ].join('\n')
}
