import { TributaryError } from '../schemas/errors.js'
import type { DeepVerdict } from '../verify/deep/verify-deep.js'
import type { Verdict } from '../verify/verify.js'
import { command } from './command.js'
import { flag, text } from './flags.js'
import { count } from './terminal/format.js'
import { progressView } from './terminal/progress-bar.js'
import { withServices } from './with-services.js'

export const verifyCommand = command({
  name: 'verify',
  about: 'Checks the promises with readers of its own: every file against its manifest, every record against the sums. Changes nothing.',
  arguments: {},
  flags: {
    deep: flag('Recompute them from the source objects, all topics and all rows: minutes per million statements.'),
    sources: text('bucket', 'With --deep: compare only source objects of this bucket.'),
    prefix: text('prefix', 'With --deep: compare only source objects below this prefix.'),
  },
  json: true,
  examples: [
    ['verify', 'exit code 1 and a list when a promise is broken'],
    ['verify --deep', 'every statement exactly once, every row an event'],
  ],
  async run(app, { deep, sources, prefix }) {
    if (!deep && (sources !== null || prefix !== null)) throw new TributaryError('WRONG_USAGE', '--sources and --prefix need --deep')
    const [{ verify }, { verifyDeep }, { verifyTarget, verifyDeepTarget }] = await Promise.all([
      import('../verify/verify.js'),
      import('../verify/deep/verify-deep.js'),
      import('../runtime/verify-target.js'),
    ])
    const view = progressView(app.output.progressStream, () => performance.now())
    const onProgress = (text: string) => view.show({ part: null, text })
    const [plain, recomputed] = await withServices(app, async (services): Promise<[Verdict, DeepVerdict | null]> => {
      const target = await verifyTarget(services)
      const plain = await verify(target, onProgress).finally(() => target.close())
      if (!deep) return [plain, null]
      const deepTarget = await verifyDeepTarget(services)
      const choice = { bucket: sources, prefix: prefix ?? '' }
      return [plain, await verifyDeep(deepTarget, choice, onProgress).finally(() => deepTarget.close())]
    }).finally(() => view.end())
    // Both look at some things: each problem is named once.
    const problems = [...new Set([...plain.problems, ...(recomputed?.problems ?? [])])]
    const ok = problems.length === 0
    const { ledger } = plain
    app.output.result({ ok, problems, ledger, ...(recomputed && { deep: recomputed.deep }) }, () => {
      const { records, markers, misplaced, events, duplicates, deadLetters } = ledger
      return [
        ...problems.map(problem => `broken: ${problem}`),
        ok ? 'every promise holds' : `${count(problems.length, 'problem')}`,
        `records ${records} = markers ${markers} + misplaced ${misplaced} + events ${events} + duplicates ${duplicates} + dead letters ${deadLetters}`,
        ...(recomputed === null ? [] : [deepText(recomputed.deep)]),
      ].join('\n')
    })
    return ok ? 0 : 1
  },
})

function deepText(deep: DeepVerdict['deep']): string {
  const looked = [
    `${deep.lines} lines of ${count(deep.objects, 'source object')}`,
    `${deep.records} records`,
    `${deep.events} events`,
    `${deep.deadLetters} dead letters`,
    `${deep.states} states of learners and sessions`,
    `${deep.rows} rows of ${count(deep.datasets, 'dataset')}`,
  ]
  const gaps = [
    deep.changedObjects > 0 ? `${count(deep.changedObjects, 'source object')} changed since` : '',
    deep.skippedDatasets > 0
      ? `${count(deep.skippedDatasets, 'dataset')} not published (since a reset), or without the spec of its revision`
      : '',
    deep.rowsWithoutPerson > 0 ? `the persons of ${count(deep.rowsWithoutPerson, 'row')} (no pseudonym key at hand)` : '',
  ].filter(Boolean)
  return `recomputed: ${looked.join(', ')}${gaps.length > 0 ? `\nnot compared: ${gaps.join('; ')}` : ''}`
}
