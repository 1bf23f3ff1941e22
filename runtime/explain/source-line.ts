import { isTaken, type PlannedObject, type Source } from '../../producers/source.js'
import { partitionOf } from '../../schemas/partition.js'
import { decodeSourcesRecord, type ObjectRecord, objectKeyOf } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { ObjectInfo } from '../object-store.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'
import { objectLines } from '../sources/object-lines.js'

/** What stands in a line of a source object. */
export type SourceLine =
  | { readonly is: 'statement'; readonly bytes: Buffer }
  | { readonly is: 'blank' }
  | { readonly is: 'too long'; readonly bytes: number }
  /** The compressed object breaks in it. */
  | { readonly is: 'cut off' }
  | { readonly is: 'absent'; readonly lines: number }

/** Reads an object as backfill does, as far as this line. */
export async function readSourceLine(
  services: Services,
  source: Source,
  bucket: string,
  info: ObjectInfo,
  line: number,
): Promise<SourceLine> {
  const { key, size, etag, modified } = info
  const listed = { bucket, key, size, etag, lastModified: modified }
  const taken = source.take(listed, {})
  const unknown: PlannedObject = { ...listed, compression: 'none', uploaded: modified, section: null, category: null }
  const object = isTaken(taken) ? taken : unknown
  let lines = 0
  let given = 0
  for await (const read of objectLines(services.store, object, services.clock, services.config.maxStatementBytes, () => undefined)) {
    for (const each of read.lines) {
      // Blank lines are not given out: a number that was passed over is one.
      if (each.number > line) return { is: 'blank' }
      if (each.number === line)
        return each.tooLong ? { is: 'too long', bytes: each.bytes } : { is: 'statement', bytes: Buffer.from(each.line) }
    }
    given += read.lines.length
    lines = given + read.blank
    if (read.broken?.line.number === line) return { is: 'cut off' }
  }
  return line <= lines ? { is: 'blank' } : { is: 'absent', lines }
}

/** What the ledger says about an object; null = it was not read to its end. */
export async function objectRecordOf(
  services: Services,
  object: { readonly bucket: string; readonly key: string },
): Promise<ObjectRecord | null> {
  const name = objectKeyOf(object)
  const partition = partitionOf(Buffer.from(name), services.config.partitions)
  let found: ObjectRecord | null = null
  await readPartition(services.log, topicName('sources', services.naming), partition, ({ key, value }) => {
    if (key?.toString() !== name) return
    const decoded = value === null ? null : decodeSourcesRecord(name, value)
    found = decoded?.is === 'object' ? decoded.object : null
  })
  return found
}
