import { TributaryError } from '../../schemas/errors.js'
import { type LogEntry, recordBatches } from './record-batches.js'
import type { Wire } from './wire.js'

export interface LogEnds {
  /** First offset that is still there, and the end of what is decided. */
  readonly low: number
  readonly stable: number
}

const committedOnly = 1
const fetchBytes = 4 << 20

/** Where a partition begins and ends, for readers of committed records. */
export async function logEnds(wire: Wire, topic: string, partition: number): Promise<LogEnds> {
  return { low: await listed(wire, topic, partition, -2), stable: await listed(wire, topic, partition, -1) }
}

/**
 * The committed records of `from` .. `to` (exclusive), right for any number of transactional writers: what the broker names as aborted is
 * left out from the transaction's first offset to its abort marker. Records are views: copy what outlives the next step.
 */
export async function* readLog(wire: Wire, topic: string, partition: number, from: number, to: number): AsyncGenerator<LogEntry> {
  let offset = from
  while (offset < to) {
    const { bytes, aborted } = await fetched(wire, topic, partition, offset)
    const waiting = aborted.sort((a, b) => a.first - b.first)
    const undone = new Set<string>()
    let next = offset
    for (const batch of recordBatches(bytes)) {
      while (waiting.length > 0 && waiting[0]!.first <= batch.last) undone.add(waiting.shift()!.producer)
      next = batch.last + 1
      if (batch.control === 'abort') undone.delete(batch.producer)
      if (batch.control !== null || (batch.transactional && undone.has(batch.producer))) continue
      for (const record of batch.records()) if (record.offset >= offset && record.offset < to) yield record
    }
    if (next === offset) throw refused(topic, partition, `nothing at offset ${offset} below the end ${to}`)
    offset = next
  }
}

function refused(topic: string, partition: number, what: string): TributaryError {
  return new TributaryError('KAFKA_UNREACHABLE', `checking ${topic}/${partition}: ${what}`)
}

async function listed(wire: Wire, topic: string, partition: number, time: number): Promise<number> {
  const name = text(topic)
  const body = Buffer.concat([i32(-1), Buffer.from([committedOnly]), i32(1), name, i32(1), i32(partition), i64(time)])
  const answer = await wire.ask(topic, partition, { api: 2, version: 3, name: 'ListOffsets', body })
  // throttle, topics, name, partitions, partition: then what was asked for.
  const at = 4 + 4 + name.length + 4 + 4
  const error = answer.readInt16BE(at)
  if (error !== 0) throw refused(topic, partition, `listing offsets: error ${error}`)
  return Number(answer.readBigInt64BE(at + 2 + 8))
}

interface Fetched {
  readonly bytes: Buffer
  readonly aborted: { readonly producer: string; readonly first: number }[]
}

async function fetched(wire: Wire, topic: string, partition: number, offset: number): Promise<Fetched> {
  const name = text(topic)
  const head = [i32(-1), i32(1000), i32(1), i32(fetchBytes), Buffer.from([committedOnly]), i32(0), i32(-1), i32(1), name]
  const place = [i32(1), i32(partition), i32(-1), i64(offset), i64(-1), i32(fetchBytes)]
  const body = Buffer.concat([...head, ...place, i32(0), text('')])
  const answer = await wire.ask(topic, partition, { api: 1, version: 11, name: 'Fetch', body })
  // throttle, error, session, topics, name, partitions, partition, error, high, stable, low, aborted transactions
  let at = 4 + 2 + 4 + 4 + name.length + 4 + 4
  const error = answer.readInt16BE(4) || answer.readInt16BE(at)
  if (error !== 0) throw refused(topic, partition, `fetching offset ${offset}: error ${error}`)
  at += 2 + 8 + 8 + 8
  const aborted: Fetched['aborted'] = []
  let left = answer.readInt32BE(at)
  for (at += 4; left > 0; left--, at += 16)
    aborted.push({ producer: answer.readBigInt64BE(at).toString(), first: Number(answer.readBigInt64BE(at + 8)) })
  at += 4
  const length = Math.max(0, answer.readInt32BE(at))
  return { bytes: answer.subarray(at + 4, at + 4 + length), aborted }
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function i64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}
