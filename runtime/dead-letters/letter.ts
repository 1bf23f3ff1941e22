import { createHash } from 'node:crypto'
import { headers as names } from '../../schemas/headers.js'
import { headerText, type LogRecord } from '../log.js'

/** A dead letter as its record tells it. */
export interface Letter {
  readonly id: string
  readonly code: string
  readonly reason: string
  /** `s3://bucket/key#line` or `http:<credential>`; null = it was produced to `xapi` by somebody. */
  readonly source: string | null
  readonly received: string | null
  readonly assignedId: string | null
  /** The refused record; null = a line that never entered `xapi`. */
  readonly from: LogPlace | null
  /** Where the letter is in `dead-letters`, and since when (ms). */
  readonly at: Place
  readonly refusedAt: number
  /** Null = the record had no value. */
  readonly bytes: Buffer | null
  /** What the bytes are the beginning of; null = they are all. */
  readonly whole: { readonly length: number; readonly sha256: string } | null
}

export interface Place {
  readonly partition: number
  readonly offset: number
}
export interface LogPlace extends Place {
  readonly topic: string
}

/** The bytes are a view into the fetched batch. */
export function letterOf(record: LogRecord, partition: number): Letter {
  const text = (name: string) => headerText(record, name) ?? null
  const [topic, from, offset] = [text(names.topic), text(names.partition), text(names.offset)]
  const [length, sha256] = [text(names.length), text(names.sha256)]
  return {
    id: text(names.id) ?? '',
    code: text(names.code) ?? '',
    reason: text(names.reason) ?? '',
    source: text(names.source),
    received: text(names.received),
    assignedId: text(names.assignedId),
    from: topic === null || from === null || offset === null ? null : { topic, partition: Number(from), offset: Number(offset) },
    at: { partition, offset: record.offset },
    refusedAt: record.timestamp,
    bytes: record.value,
    whole: length === null || sha256 === null ? null : { length: Number(length), sha256 },
  }
}

export const sha256Of = (letter: Letter) =>
  letter.whole?.sha256 ??
  createHash('sha256')
    .update(letter.bytes ?? '')
    .digest('hex')

/** Why the bytes of a letter cannot be replayed, and what to do instead; null = they can. */
export function cannotReplay({ code, bytes, source, from, whole }: Letter): string | null {
  const again = againOf(source)
  // Of a line that did not come in; of a record the whole may still lie in `xapi`.
  if (code === 'too_large' && from === null)
    return `only its beginning is kept: raise MAX_STATEMENT_BYTES${again === null ? '' : `, then \`${again}\` reads the line anew`}`
  if (code === 'cut_off')
    return `the object is cut off or damaged: put the whole object in its place${again === null ? '' : `, then \`${again}\``}`
  if (bytes === null) return 'it has no bytes'
  return whole !== null && from === null ? 'only its beginning is kept' : null
}

function againOf(source: string | null): string | null {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)#\d+$/s.exec(source ?? '') ?? []
  return bucket === undefined ? null : `tributary backfill --bucket ${bucket} --prefix ${key} --again`
}
