import { crc32c } from '@node-rs/crc32'
import { ByteWriter } from '../../../runtime/kafka/byte-writer.js'
import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import type { PartitionAnswer } from '../../../runtime/kafka/fetch-request.js'
import { KafkaReader } from '../../../runtime/kafka/kafka-reader.js'
import { encodeBatch } from '../../../runtime/kafka/record-batch-encoder.js'
import type { Fetched } from '../../../runtime/log.js'
import { CannedConnections, metadataOf } from './canned-connections.js'

const limits = { maxWaitMs: 0, maxBytes: 1 << 20, maxBytesPerPartition: 1 << 20 }

function batch(base: number, ...values: string[]): Buffer {
  const out = new ByteWriter(16)
  const records = values.map(value => ({ key: null, value: Buffer.from(value) }))
  encodeBatch(out, { records, from: 0, to: records.length, sequence: 0 }, { id: 1, epoch: 0, transactional: false }, 'none', 0)
  const bytes = Buffer.from(out.buffer)
  bytes.writeBigInt64BE(BigInt(base), 0)
  return bytes
}

function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(bytes)
  return bytes
}

const sealed = (bytes: Buffer) => bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
const flipped = (bytes: Buffer) => changed(bytes, b => b.writeUInt8(b[70]! ^ 1, 70))
const foreign = (bytes: Buffer) => changed(bytes, b => sealed(changed(b, c => c.writeUInt8(7, 22))))
const tooLong = (length: number) => (bytes: Buffer) => changed(bytes, b => b.writeInt32BE(length, 8))

/** What a reader gives for partitions that hold these bytes, all asked for at once. */
async function fetched(...held: readonly (Buffer | { error: number })[]): Promise<{ all: readonly Fetched[]; fetches: number }> {
  const partitions = held.map((one, partition): PartitionAnswer => {
    const [error, bytes] = Buffer.isBuffer(one) ? [0, one] : [one.error, Buffer.alloc(0)]
    return { topic: 't', partition, error, high: 99, stable: 99, low: 0, aborted: [], bytes }
  })
  const connections = new CannedConnections({ Metadata: () => metadataOf(1, { t: held.length }), Fetch: () => ({ error: 0, partitions }) })
  const reader = new KafkaReader(new ClusterMap(connections), connections)
  const all = await reader.fetch(
    held.map((_, partition) => ({ topic: 't', partition, offset: 0 })),
    limits,
  )
  return { all, fetches: connections.sent.filter(({ name }) => name === 'Fetch').length }
}

const told = ({ records, next, broken }: Fetched) => [records.map(r => r.value?.toString()).join(), next, broken?.message ?? null]

test.each<[string, (bytes: Buffer) => Buffer, string]>([
  ['a damaged batch', flipped, 'its CRC does not fit'],
  ['a batch of an unknown codec', foreign, 'codec 7'],
  ['a batch of an old record format', bytes => changed(bytes, b => b.writeUInt8(1, 16)), 'record format 1'],
  ['a batch that is longer than the log', tooLong(200_000), 'no batch of 200012 bytes is there'],
  ['a batch of a length that cannot be', tooLong(0x7fff_0000), 'no batch of 2147418124 bytes is there'],
])('%s is an error of its partition: the others go on, and what lies before it is read', async (_, spoil, why) => {
  const good = batch(0, 'a', 'b')
  const spoilt = spoil(batch(0, 'x', 'y'))
  const { all, fetches } = await fetched(
    good,
    spoilt,
    Buffer.concat([good, changed(spoil(batch(0, 'x', 'y')), b => b.writeBigInt64BE(2n, 0))]),
    good,
  )
  expect(all.map(told)).toEqual([
    ['a,b', 2, null],
    ['', 0, expect.stringMatching(`^CORRUPT_BATCH .*reading t/1 at .*${why}`)],
    ['a,b', 2, null],
    ['a,b', 2, null],
  ])
  expect(fetches).toBeLessThan(5)
})

test('so is a refusal', async () => {
  const topicAuthorizationFailed = 29
  const { all } = await fetched(batch(0, 'a'), { error: topicAuthorizationFailed })
  expect(all.map(told)).toEqual([
    ['a', 1, null],
    ['', 0, expect.stringMatching(/^KAFKA_REQUEST .*reading t\/1: broker error 29/)],
  ])
})

test('a bound in what compaction took is reached, also where nothing before it is left', async () => {
  // 100 to 249 are gone.
  const partitions = [{ topic: 't', partition: 0, error: 0, high: 260, stable: 260, low: 0, aborted: [], bytes: batch(250, 'a', 'b') }]
  const connections = new CannedConnections({ Metadata: () => metadataOf(1, { t: 1 }), Fetch: () => ({ error: 0, partitions }) })
  const reader = new KafkaReader(new ClusterMap(connections), connections)
  const to = async (end: number) => (await reader.fetch([{ topic: 't', partition: 0, offset: 100, end }], limits)).map(told)
  expect(await to(200)).toEqual([['', 200, null]])
  expect(await to(250)).toEqual([['', 250, null]])
  expect(await to(251)).toEqual([['a', 251, null]])
})
