import type { DatasetSum, GcSum } from '../runtime/gc/sum.js'
import { command } from './command.js'
import { flag } from './flags.js'
import { bytes, count } from './terminal/format.js'
import { progressView } from './terminal/progress-bar.js'
import { type Cell, table } from './terminal/table.js'
import { withServices } from './with-services.js'

export const gcCommand = command({
  name: 'gc',
  about:
    'Removes dataset files that no manifest needs any more, and clears old manifests: kept are those of the last 24 hours, and one a day for 30 days.',
  arguments: {},
  flags: { dryRun: flag('Only print what would be removed.') },
  json: true,
  stopsItself: true,
  examples: [
    ['gc --dry-run', 'what would go, and why'],
    ['gc', 'once a day is enough'],
  ],
  async run(app, { dryRun }) {
    const { collectGarbage } = await import('../runtime/gc/collect-garbage.js')
    const view = progressView(app.output.progressStream, () => performance.now())
    const onProgress = (text: string) => view.show({ part: null, text })
    const sum = await withServices(app, services => collectGarbage(services, { dryRun, onProgress, signal: app.signal })).finally(() =>
      view.end(),
    )
    app.output.result(sum, columns => gcText(sum, columns))
    return sum.datasets.every(({ problem }) => problem === null) && !app.signal.aborted ? 0 : 1
  },
})

function gcText(sum: GcSum, columns: number): string {
  const { dryRun, datasets, removed, cleared, uploads } = sum
  if (datasets.length === 0) return 'there are no datasets'
  const done = dryRun ? 'would be ' : ''
  return [
    table(['dataset', 'manifests kept', 'cleared', 'files kept', 'removed', 'bytes removed'], datasets.map(row), columns),
    ...datasets.flatMap(reasons),
    `${count(removed.objects, 'object')} of ${bytes(removed.bytes)} ${done}removed, ${count(cleared, 'manifest')} ${done}cleared${
      uploads > 0 ? `, ${count(uploads, 'unfinished upload')} ${done}aborted` : ''
    }`,
  ].join('\n')
}

const objectsOf = (amounts: DatasetSum['removed']) => Object.values(amounts).reduce((all, { objects }) => all + objects, 0)

function row({ id, deleted, manifests, removed, stays }: DatasetSum): Cell[] {
  const size = Object.values(removed).reduce((all, amount) => all + amount.bytes, 0)
  const name = deleted ? `${id} (deleted)` : id
  return [name, manifests.kept, manifests.cleared, objectsOf(stays), objectsOf(removed), bytes(size)]
}

function reasons({ id, removed, unknown, unknownCount, problem }: DatasetSum): string[] {
  const more = unknownCount > unknown.length ? ', …' : ''
  return [
    ...Object.entries(removed).map(([why, { objects, bytes: size }]) => `${id}: ${count(objects, 'object')} ${why} (${bytes(size)})`),
    ...(unknownCount > 0 ? [`${id}: ${count(unknownCount, 'key')} not ours, left alone: ${unknown.join(', ')}${more}`] : []),
    ...(problem === null ? [] : [`${id}: left as it is: ${problem}`]),
  ]
}
