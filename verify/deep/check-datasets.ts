import { type Manifest, parseManifest } from '../../schemas/manifest.js'
import { topicName } from '../../schemas/topics.js'
import type { LoadedManifest } from '../loaded-histories.js'
import { withLists } from '../whole-manifest.js'
import { checkFiles } from './check-files.js'
import { checkHistories } from './check-histories.js'
import { checkTable } from './check-table.js'
import { isOfEvents, type WrittenSpec } from './dataset-rules.js'
import type { Check } from './partition-view.js'
import { PersonNames } from './person-names.js'
import { logEnds, readLog } from './read-log.js'
import { tableRules } from './table-rules.js'

/** Every published dataset against the events, or the states: see `checkFiles` and `checkTable`. */
export async function checkDatasets(check: Check, onProgress: (text: string) => void): Promise<void> {
  const { target, findings, counts } = check
  const manifests: LoadedManifest[] = []
  for (const [dataset, revisions] of await specsOf(check)) {
    const body = await target.object(`${dataset}/manifest.json`)
    const parsed = body === null ? null : parseManifest(body.toString())
    if (parsed?.ok === false) {
      // Not one that nobody can compare: one that is broken.
      findings.add(`dataset ${dataset}`, `its rows cannot be compared: manifest.json: ${parsed.problem}`)
      continue
    }
    const spec = parsed === null ? undefined : revisions.get(parsed.manifest.revision)
    const stale = parsed?.manifest.log !== undefined && parsed.manifest.log.files !== target.filesId
    // Not published yet, of a later release's kind, from before a reset, or made by a spec that compaction has removed since a newer one came.
    if (parsed === null || stale || spec === undefined || !(isOfEvents(spec) || spec.kind in tableRules)) {
      counts.skippedDatasets++
      continue
    }
    counts.datasets++
    // What is wrong with lists of files is found without --deep.
    const { manifest } = await withLists(parsed.manifest, key => target.object(key))
    manifests.push({ dataset, context: manifest.context, sections: manifest.sections })
    await checkFolded(check, manifest)
    const persons = spec.anonymize === true ? new PersonNames(text => findings.add(`dataset ${dataset}`, text)) : null
    const shown = { manifest, persons }
    for (let partition = 0; partition < target.partitions; partition++) {
      onProgress(`dataset ${dataset}, partition ${partition + 1} of ${target.partitions}`)
      await (isOfEvents(spec) ? checkFiles(check, spec, shown, partition) : checkTable(check, spec, shown, partition))
    }
    const foreign = manifest.files.filter(file => file.partition >= target.partitions)
    for (const file of foreign) findings.add(`dataset ${dataset}`, `${file.key} is of a partition that is not there`)
  }
  await checkHistories(check, manifests)
}

/** By dataset, then by revision, which is the offset of the spec. */
async function specsOf({ target }: Check): Promise<ReadonlyMap<string, ReadonlyMap<number, WrittenSpec>>> {
  const topic = topicName('datasets', target.naming)
  const specs = new Map<string, Map<number, WrittenSpec>>()
  for (let partition = 0; partition < target.partitions; partition++) {
    const { low, stable } = await logEnds(target.wire, topic, partition)
    for await (const { key, value, offset } of readLog(target.wire, topic, partition, low, stable)) {
      const dataset = key?.toString() ?? ''
      // Other keys are notes that roles and waiters leave there; ids have no bar.
      if (dataset.includes('|')) continue
      if (value === null) specs.delete(dataset)
      else specs.set(dataset, (specs.get(dataset) ?? new Map()).set(offset, JSON.parse(value.toString()) as WrittenSpec))
    }
  }
  return specs
}

async function checkFolded({ target, findings }: Check, manifest: Manifest): Promise<void> {
  const topic = topicName('dataset-files', target.naming)
  for (const [partition, next] of Object.entries(manifest.folded)) {
    const { stable } = await logEnds(target.wire, topic, Number(partition))
    if (next > stable)
      findings.add(`dataset ${manifest.dataset}`, `it was made from ${topic}/${partition} up to ${next}, which ends at ${stable}`)
  }
}
