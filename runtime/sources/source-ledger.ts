import type { PlannedObject } from '../../producers/source.js'
import { partitionOf } from '../../schemas/partition.js'
import {
  decodeSourcesRecord,
  encodeSourcesValue,
  type FollowRecord,
  followKeyOf,
  type ObjectRecord,
  objectKeyOf,
  type RunRecord,
  runKeyOf,
  runSoFar,
} from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { LogWriter } from '../log.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'

/** What `sources` says about the objects of a plan, and about runs. */
export interface SourceLedger {
  readonly objects: ReadonlyMap<string, ObjectRecord>
  readonly runs: ReadonlyMap<string, RunRecord>
}

/** True when exactly this version of the object was read into this `xapi` topic. */
export function isInLedger(
  entry: { readonly etag: string | null; readonly topicId: string } | undefined,
  object: Pick<PlannedObject, 'etag'>,
  topicId: string,
): boolean {
  return entry !== undefined && entry.etag === object.etag && entry.topicId === topicId
}

/** Reads the whole topic; of objects only those of the plan are kept. */
export async function readSourceLedger(services: Services, planned: readonly PlannedObject[]): Promise<SourceLedger> {
  const wanted = new Set(planned.map(objectKeyOf))
  const objects = new Map<string, ObjectRecord>()
  const runs = new Map<string, RunRecord>()
  const topic = topicName('sources', services.naming)
  for (let partition = 0; partition < services.config.partitions; partition++)
    await readPartition(services.log, topic, partition, record => {
      const key = record.key!.toString()
      if (record.value === null) {
        objects.delete(key)
        return
      }
      if (!wanted.has(key) && !key.startsWith('run/')) return
      const decoded = decodeSourcesRecord(key, record.value)
      if (decoded.is === 'run') runs.set(decoded.id, runSoFar(runs.get(decoded.id), decoded.run))
      else if (decoded.is === 'object') objects.set(decoded.id, decoded.object)
    })
  return { objects, runs }
}

export interface LedgerWriter {
  object(object: PlannedObject, record: ObjectRecord): Promise<void>
  run(id: string, record: RunRecord): Promise<void>
  follow(id: string, record: FollowRecord): Promise<void>
}

export function ledgerWriter(services: Services, writer: LogWriter): LedgerWriter {
  const topic = topicName('sources', services.naming)
  const send = async (name: string, record: ObjectRecord | RunRecord | FollowRecord) => {
    const key = Buffer.from(name)
    const partition = partitionOf(key, services.config.partitions)
    await writer.send([{ topic, partition, records: [{ key, value: encodeSourcesValue(record) }] }])
  }
  return {
    object: (object, record) => send(objectKeyOf(object), record),
    run: (id, record) => send(runKeyOf(id), record),
    follow: (id, record) => send(followKeyOf(id), record),
  }
}
