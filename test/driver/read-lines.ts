import { Readable } from 'node:stream'
import type { PlannedObject } from '../../producers/source.js'
import { systemClock } from '../../runtime/clock.js'
import { memoryStore } from '../../runtime/memory/memory-store.js'
import type { ObjectStore } from '../../runtime/object-store.js'
import { objectLines } from '../../runtime/sources/object-lines.js'

/** Chunks of a size, as a connection brings them. */
export function* chunksOf(body: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

/** The lines of a gzip object as backfill and follow read them, with their numbers; and the line in which it breaks. */
export async function readGzip(body: Buffer, chunk = 64 << 10) {
  const object: PlannedObject = {
    ...{ bucket: 'b', key: 'k.jsonl.gz', size: body.length, etag: 'e' },
    ...{ lastModified: 0, compression: 'gzip', uploaded: 0, section: null, category: null },
  }
  const store: ObjectStore = {
    ...memoryStore(() => 0),
    stream: async (_bucket, _key, _etag, from) => Readable.from(chunksOf(body.subarray(from), chunk)),
  }
  const found: string[] = []
  let [blank, stored] = [0, 0]
  let broken: string | null = null
  let reason = ''
  for await (const read of objectLines(store, object, systemClock, 1 << 20, bytes => (stored += bytes))) {
    for (const line of read.lines) found.push(`${line.number} ${line.tooLong ? line.head : line.line}`)
    blank = read.blank
    if (read.broken === null) continue
    const { line, refusal } = read.broken
    broken = `${line.number} ${line.tooLong ? line.head : line.line}`
    reason = refusal.reason
  }
  return { found, blank, broken, reason, stored }
}
