import { isUtf8 } from 'node:buffer'
import { canonicalJson, isJson } from '../../schemas/json-text.js'
import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { topics } from '../../schemas/topics.js'
import type { LogRecord } from '../log.js'
import type { Units, WriterSchemas } from '../registry/writer-schemas.js'
import type { NamedTopic } from './resolve-topic.js'

/** What a value is, as far as it can be told. */
export type Content =
  /** A tombstone, or a record without a value. */
  | { readonly as: 'nothing' }
  /** As written: numbers and the order of keys survive. */
  | { readonly as: 'json'; readonly text: string }
  | { readonly as: 'avro'; readonly schema: number; readonly value: unknown; readonly units: Units }
  /** `route-seen`: where a transaction of route ended, and how many event ids it saw first. */
  | { readonly as: 'ids'; readonly position: number; readonly ids: number }
  | { readonly as: 'text'; readonly text: string }
  | { readonly as: 'bytes'; readonly bytes: Buffer; readonly problem: string | null }

/** A record that has been decoded and copied: nothing in it hangs on the fetched batch. */
export interface ShownRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Append time, ms. */
  readonly timestamp: number
  readonly key: string | null
  /** Of a repeated header the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly valueBytes: number
  readonly content: Content
}

export async function showRecord(topic: NamedTopic, partition: number, record: LogRecord, schemas: WriterSchemas): Promise<ShownRecord> {
  return {
    topic: topic.name,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key: record.key === null ? null : textOf(record.key),
    headers: Object.fromEntries(record.headers.map(([name, value]) => [name, textOf(value)])),
    valueBytes: record.value?.length ?? 0,
    content: record.value === null ? { as: 'nothing' } : await contentOf(topic, record.value, schemas),
  }
}

async function contentOf(topic: NamedTopic, value: Buffer, schemas: WriterSchemas): Promise<Content> {
  if (topics[topic.id].avro !== undefined) {
    const written = await schemas.read(value)
    return 'problem' in written ? { as: 'bytes', bytes: Buffer.from(value), problem: written.problem } : { as: 'avro', ...written }
  }
  if (topic.id === 'route-seen') return idsOf(value)
  if (!isUtf8(value)) return { as: 'bytes', bytes: Buffer.from(value), problem: null }
  const text = value.toString('utf8')
  return { as: isJson(text) ? 'json' : 'text', text }
}

function idsOf(value: Buffer): Content {
  try {
    const { position, keys } = decodeRouteSeen(value)
    return { as: 'ids', position, ids: keys.length }
  } catch (error) {
    return { as: 'bytes', bytes: Buffer.from(value), problem: (error as Error).message }
  }
}

/** Keys and headers are text in all topics; what strangers put there in `xapi` may be anything. */
const textOf = (bytes: Buffer) => (isUtf8(bytes) ? bytes.toString('utf8') : `0x${bytes.toString('hex')}`)

/** The value as JSON in one line: a text that is no JSON as a string, bytes as base64. */
export function contentJson(content: Content): string {
  switch (content.as) {
    case 'nothing':
      return 'null'
    case 'json':
      return canonicalJson(content.text)
    case 'avro':
      return JSON.stringify(content.value)
    case 'ids':
      return JSON.stringify({ position: content.position, ids: content.ids })
    case 'text':
      return JSON.stringify(content.text)
    case 'bytes':
      return JSON.stringify({ base64: content.bytes.toString('base64'), ...(content.problem && { problem: content.problem }) })
  }
}

/** One JSON object in one line. The text of a JSON value stands in it as it was written. */
export function recordJson(record: ShownRecord): string {
  const { topic, partition, offset, timestamp, key, headers, content } = record
  const schema = content.as === 'avro' ? { schema: content.schema } : {}
  const head = JSON.stringify({ topic, partition, offset, appended: new Date(timestamp).toISOString(), key, headers, ...schema })
  return `${head.slice(0, -1)},"value":${contentJson(content)}}`
}
