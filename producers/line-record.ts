import { deadLetterId } from '../schemas/dead-letter-id.js'
import { headers } from '../schemas/headers.js'
import { partitionOf } from '../schemas/partition.js'
import type { Refusal } from '../schemas/refusal.js'
import { parsedLearnerKey, scanLearnerKey } from './learner-key-scan.js'
import type { Line, LongLine, WholeLine } from './line-splitter.js'
import type { SourceObject } from './source.js'

/** A record with its place; structurally an `OutRecord` of the log port. */
export interface PlacedRecord {
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface Entry {
  readonly partitions: number
  /** When the run read it, ISO. */
  readonly received: string
}

type From = Pick<SourceObject, 'bucket' | 'key'>

/** A line as an `xapi` record, bytes untouched. Without a learner key it still goes in: route refuses it, with its reason. */
export function lineRecord(object: From, line: WholeLine, entry: Entry): PlacedRecord {
  const text = scanLearnerKey(line.line) ?? parsedLearnerKey(line.line)
  const key = text === null ? null : Buffer.from(text)
  return {
    partition: partitionOf(key ?? line.line, entry.partitions),
    key,
    value: line.line,
    headers: [
      [headers.source, sourceOf(object, line.number)],
      [headers.received, entry.received],
    ],
  }
}

/** A line that cannot enter `xapi`, as a dead letter. A repeated run makes the same one. */
export function lineDeadLetter(object: From, line: Line, refusal: Refusal, entry: Entry): PlacedRecord {
  const id = deadLetterId({ object: `s3://${object.bucket}/${object.key}`, line: line.number })
  const key = Buffer.from(id)
  return {
    partition: partitionOf(key, entry.partitions),
    key,
    value: line.tooLong ? line.head : line.line,
    headers: [
      [headers.id, id],
      [headers.code, refusal.code],
      [headers.reason, refusal.reason],
      [headers.source, sourceOf(object, line.number)],
      [headers.received, entry.received],
    ],
  }
}

export function tooLarge(line: LongLine, maxBytes: number): Refusal {
  return { code: 'too_large', reason: `${line.bytes} bytes of at most ${maxBytes}, SHA-256 ${line.sha256}; only the beginning is kept` }
}

function sourceOf({ bucket, key }: From, line: number): string {
  return `s3://${bucket}/${key}#${line}`
}
