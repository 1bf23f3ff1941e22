import { topicName } from '../../schemas/topics.js'
import { LoadedHistories, type LoadedManifest } from '../loaded-histories.js'
import type { Check } from './partition-view.js'
import { logEnds, readLog } from './read-log.js'

/** The manifests were read before: what one of them calls loaded has been in `sources` since. */
export async function checkHistories({ target, findings }: Check, manifests: readonly LoadedManifest[]): Promise<void> {
  const topic = topicName('sources', target.naming)
  const histories = new LoadedHistories(target.xapiId)
  for (let partition = 0; partition < target.partitions; partition++) {
    const { low, stable } = await logEnds(target.wire, topic, partition)
    for await (const { key, value } of readLog(target.wire, topic, partition, low, stable))
      histories.onRecord(key?.toString() ?? '', value?.toString() ?? null)
  }
  for (const manifest of manifests) for (const problem of histories.problems(manifest)) findings.add(`dataset ${manifest.dataset}`, problem)
}
