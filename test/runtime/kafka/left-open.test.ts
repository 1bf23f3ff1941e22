import { crc32c } from '@node-rs/crc32'
import { ByteWriter } from '../../../runtime/kafka/byte-writer.js'
import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import { endingOf, endLeftOpen, findLeftOpen } from '../../../runtime/kafka/left-open.js'
import type { ActiveProducer } from '../../../runtime/kafka/open-transaction-requests.js'
import { encodeBatch } from '../../../runtime/kafka/record-batch-encoder.js'
import { CannedConnections, metadataOf } from './canned-connections.js'

const id = 7
const granted = 6
const producer = (epoch: number, firstOffset: number, producerId = id): ActiveProducer => ({
  producerId,
  epoch,
  coordinatorEpoch: 3,
  firstOffset,
})
const open = producer(4, 100)
const ended = producer(5, -1)

function marker(epoch: number, commit: boolean): Buffer {
  const out = new ByteWriter(128)
  const record = { key: Buffer.from([0, 0, 0, commit ? 1 : 0]), value: Buffer.alloc(6) }
  encodeBatch(out, { records: [record], from: 0, to: 1, sequence: 0 }, { id, epoch, transactional: true }, 'none', 0)
  const bytes = Buffer.from(out.buffer)
  bytes.writeUInt8(bytes[22]! | 0x20, 22)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

/** Partition p of `t` has these producers; `last` is the last batch of each. */
function searchIn(producers: readonly (readonly ActiveProducer[])[], last: Buffer = Buffer.alloc(0), refusal = 0) {
  const own = producers.map((_, partition) => ({ topic: 't', partition }))
  let asked = 0
  const connections = new CannedConnections({
    Metadata: () => metadataOf(1, { t: producers.length }),
    DescribeProducers: () => producers.map((list, partition) => ({ topic: 't', partition, error: 0, producers: list })),
    // Low, stable, high.
    ListOffsets: () => {
      const offset = asked++ === 0 ? 0 : 9
      return own.map(place => ({ ...place, error: 0, offset }))
    },
    Fetch: () => ({ error: 0, partitions: [{ bytes: last }] }),
    WriteTxnMarkers: () => own.map(place => ({ ...place, error: refusal })),
  })
  const search = { map: new ClusterMap(connections), connections, producerId: id }
  const wrote = () => connections.sent.filter(({ name }) => name === 'WriteTxnMarkers').length
  return { search, own, wrote }
}

const none = new Map<number, boolean>()

test('where nothing of ours is open nothing is written', async () => {
  const { search, own, wrote } = searchIn([[producer(5, -1)], [producer(4, 100, 8)], [producer(granted, 3)], []])
  expect(await endLeftOpen(search, own, granted, none)).toEqual([])
  expect(await findLeftOpen(search, own, granted)).toEqual([])
  expect(wrote()).toBe(0)
})

test.each([true, false])('it ends as the coordinator said: committed %s', async commit => {
  const { search, own, wrote } = searchIn([[open], [open]])
  expect(await endLeftOpen(search, own, granted, new Map([[4, commit]]))).toEqual(
    own.map(place => ({ ...place, firstOffset: 100, commit })),
  )
  expect(wrote()).toBe(1)
})

test.each([true, false])('the marker of another partition tells more than the coordinator: committed %s', async commit => {
  const { search, own } = searchIn([[open], [ended]], marker(5, commit))
  expect(await endLeftOpen(search, own, granted, new Map([[4, !commit]]))).toEqual([{ ...own[0]!, firstOffset: 100, commit }])
})

test('the marker of another transaction tells nothing, and nothing is guessed', async () => {
  for (const producers of [[[open], [ended]], [[open], [producer(6, -1)]], [[open]]]) {
    const { search, own, wrote } = searchIn(producers, marker(6, true))
    await expect(endLeftOpen(search, own, granted, new Map([[3, true]]))).rejects.toMatchObject({ code: 'TRANSACTION_LEFT_OPEN' })
    expect(wrote()).toBe(0)
  }
})

test('who may not alter the cluster is told', async () => {
  const { search, own } = searchIn([[open]], Buffer.alloc(0), 31)
  await expect(endLeftOpen(search, own, granted, new Map([[4, true]]))).rejects.toMatchObject({
    code: 'TRANSACTION_LEFT_OPEN',
    message: expect.stringContaining('ending what a broker left open in t/0: broker error 31'),
  })
})

test.each([
  ['Empty', null],
  ['Dead', null],
  ['', null],
  ['Ongoing', [5, false]],
  ['PrepareCommit', [4, true]],
  ['CompleteCommit', [4, true]],
  ['PrepareAbort', [4, false]],
  ['CompleteAbort', [4, false]],
  ['PrepareEpochFence', [4, false]],
] as const)('a coordinator in the state "%s" at epoch 5 has told %j', (state, told) => {
  expect(endingOf({ error: 0, state, producerId: id, epoch: 5 })).toEqual(told)
})
