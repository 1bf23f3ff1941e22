import type { Fetched, FetchPosition, Log } from '../../runtime/log.js'
import { memoryLog } from '../../runtime/memory/memory-log.js'
import { makeTail } from '../../runtime/tail.js'

const record = (value: string) => ({ key: Buffer.from('k'), value: Buffer.from(value) })

test('a table has all that was stable at the call, and is kept current', async () => {
  const log = memoryLog()
  await log.createTopics([{ name: 't', partitions: 2, replication: 1, config: {} }])
  const writer = await log.writer()
  const send = (partition: number, ...values: string[]) => writer.send([{ topic: 't', partition, records: values.map(record) }])
  await send(0, 'a', 'b')
  await send(1, 'c')
  const seen: string[] = []
  const tail = makeTail(log, [{ topic: 't', partitions: 2, onRecord: ({ value }, partition) => void seen.push(`${partition}${value}`) }])
  await tail.catchUp()
  expect(seen.sort()).toEqual(['0a', '0b', '1c'])
  await send(1, 'd')
  expect(await tail.poll(1000)).toBe(true)
  expect(tail.positions('t')).toEqual([2, 2])
  await tail.close()
})

test('reading that makes no step ends and says where', async () => {
  const stands = ({ topic, partition, offset }: FetchPosition): Fetched => ({
    topic,
    partition,
    records: [],
    next: offset,
    low: 0,
    stable: 9,
    high: 9,
  })
  const log = {
    watermarks: async () => new Map([[0, { low: 0, stable: 9, high: 9 }]]),
    reader: () => ({ fetch: async (positions: readonly FetchPosition[]) => positions.map(stands), close: async () => undefined }),
  } as unknown as Log
  const tail = makeTail(log, [{ topic: 't', partitions: 1, onRecord: () => undefined }])
  await expect(tail.catchUp()).rejects.toThrow(/^READ_STUCK .*t\/0: no step beyond 0/)
})

test('a partition that cannot be read says so, and a position that is lost is not reset', async () => {
  const log = memoryLog()
  await log.createTopics([{ name: 't', partitions: 1, replication: 1, config: {} }])
  const writer = await log.writer()
  for (const value of ['a', 'b', 'c', 'd']) await writer.send([{ topic: 't', partition: 0, records: [record(value)] }])
  const tail = makeTail(log, [{ topic: 't', partitions: 1, onRecord: () => undefined }])
  log.damage('t', 0, 2)
  await expect(tail.catchUp()).rejects.toThrow(/^CORRUPT_BATCH /)
  expect(tail.positions('t')).toEqual([2])
  log.truncate('t', 0, 3)
  await expect(tail.catchUp()).rejects.toThrow(/^OFFSET_LOST .*it holds 3 to 4/)
})

test('a partition without a leader stands still and is said, the others are read on; led again, it goes on where it stood', async () => {
  const log = memoryLog()
  await log.createTopics([{ name: 't', partitions: 2, replication: 1, config: {} }])
  const writer = await log.writer()
  const send = (partition: number, value: string) => writer.send([{ topic: 't', partition, records: [record(value)] }])
  await send(0, 'a')
  await send(1, 'b')
  const seen: string[] = []
  const tail = makeTail(log, [{ topic: 't', partitions: 2, onRecord: ({ value }, partition) => void seen.push(`${partition}${value}`) }])
  log.broker.away.add('t/1')
  await expect(tail.poll(0)).rejects.toThrow('t/1: no broker leads it')
  await send(0, 'c')
  await expect(tail.poll(0)).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' })
  expect(seen).toEqual(['0a', '0c'])
  await expect(tail.catchUp()).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' })
  log.broker.away.clear()
  await tail.catchUp()
  expect(seen).toEqual(['0a', '0c', '1b'])
  await tail.close()
})
