import { lostText } from '../schemas/dataset-files.js'
import type { Manifest } from '../schemas/manifest.js'
import { bytes, number } from './terminal/format.js'
import { pairs, table } from './terminal/table.js'

const mostFiles = 20

export function manifestText(manifest: Manifest, columns?: number): string {
  const { files, sections } = manifest
  const size = files.reduce((sum, file) => sum + file.bytes, 0)
  const head = pairs([
    ['dataset', manifest.dataset],
    [
      'version',
      `${manifest.version} of ${manifest.updatedAt} (revision ${manifest.revisionOrdinal ?? manifest.revision}, generation ${manifest.generation})`,
    ],
    ['rows', `${number(manifest.counts.rows)} in ${number(files.length)} files, ${bytes(size)}`],
    ['complete through', manifest.completeThrough ?? 'not known: the history of a section is not loaded'],
    ...(manifest.producedBy.pseudonymKeyIsPublic
      ? [['pseudonyms', 'of a key that everybody knows: they hide nobody (PSEUDONYM_KEY_PUBLIC)'] as const]
      : []),
    ...(manifest.stopped ?? []).map(
      stop => [stop.revision === manifest.revision ? 'stopped' : 'next revision stopped', lostText(stop)] as const,
    ),
    ['columns', manifest.columns.join(', ')],
  ])
  const history = sections.map(
    section => [section.host || '-', section.section || '-', section.history, section.runs.length + (section.otherRuns ?? 0)] as const,
  )
  const { all } = manifest.counts
  const counts = [
    ...(all === undefined ? [] : [['all', 'all', all.duplicates, refusedText(all.refused)] as const]),
    ...manifest.counts.sections.map(
      ({ host, section, duplicates, refused }) => [host || '-', section || '-', duplicates, refusedText(refused)] as const,
    ),
  ]
  const shown = files.slice(0, mostFiles).map(file => [file.key, file.rows, bytes(file.bytes), file.firstTime, file.lastTime] as const)
  return [
    head,
    ...(history.length > 0 ? ['', table(['host', 'section', 'history', 'runs'], history, columns)] : []),
    ...(counts.length > 0 ? ['', table(['host', 'section', 'duplicates', 'refused'], counts, columns)] : []),
    ...(shown.length > 0 ? ['', table(['file', 'rows', 'size', 'from', 'to'], shown, columns)] : []),
    ...(files.length > mostFiles ? [`… and ${number(files.length - mostFiles)} more (--json lists all)`] : []),
  ].join('\n')
}

const refusedText = (refused: Readonly<Record<string, number>>): string | null =>
  Object.entries(refused)
    .map(([code, n]) => `${code} ${number(n)}`)
    .join(', ') || null
