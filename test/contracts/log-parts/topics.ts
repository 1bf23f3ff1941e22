import { randomUUID } from 'node:crypto'
import { isTributaryError } from '../../../schemas/errors.js'
import type { LogSuite } from './log-suite.js'
import { limits, record } from './parts.js'

/** What a log says of topics. */
export function topicsContract(s: LogSuite): void {
  const { topic, withReader, valuesOf, fails } = s

  describe('topics', () => {
    test('are described with partitions, id and config; missing ones are absent', async () => {
      const t = await topic(3, { 'cleanup.policy': 'compact' })
      const described = await s.log.describeTopics([t, 'contract-nowhere'])
      expect([...described.keys()]).toEqual([t])
      const state = described.get(t)!
      expect([state.partitions, state.config['cleanup.policy'], state.config['message.timestamp.type']]).toEqual([
        3,
        'compact',
        'LogAppendTime',
      ])
      expect(state.id.length).toBeGreaterThan(10)
      await s.log.createTopics([{ name: t, partitions: 3, replication: 1, config: {} }])
      await s.log.deleteTopics([t, 'contract-nowhere'])
      expect((await s.log.describeTopics([t])).size).toBe(0)
    })

    test('take settings: those that are given, the others stay', async () => {
      const [t, other] = [await topic(1, { 'cleanup.policy': 'compact', 'segment.ms': '600000' }), await topic()]
      await s.log.configureTopics(new Map([[t, { 'segment.ms': '3600000', 'segment.bytes': '16777216' }]]))
      const described = await s.log.describeTopics([t, other])
      expect(described.get(t)!.config).toMatchObject({ 'cleanup.policy': 'compact', 'segment.ms': '3600000', 'segment.bytes': '16777216' })
      expect(described.get(other)!.config['segment.ms']).not.toBe('3600000')
      await s.log.configureTopics(new Map())
      const refused = await fails(s.log.configureTopics(new Map([[`contract-${randomUUID()}`, { 'segment.ms': '1' }]])))
      expect(isTributaryError(refused)).toBe(true)
    })

    test('that are deleted can be made anew at once, empty and with another id', async () => {
      const t = await topic()
      const writer = await s.log.writer()
      const send = (value: string) => writer.send([{ topic: t, partition: 0, records: [record('k', value)] }])
      await send('old')
      const before = (await s.log.describeTopics([t])).get(t)!
      await s.log.deleteTopics([t])
      await s.log.createTopics([{ name: t, partitions: 2, replication: 1, config: {} }])
      const after = (await s.log.describeTopics([t])).get(t)!
      expect([after.id === before.id, after.partitions]).toEqual([false, 2])
      expect((await s.log.watermarks(t, [0])).get(0)).toEqual({ low: 0, stable: 0, high: 0 })
      await send('new')
      expect(await valuesOf(t)).toEqual(['new'])
      await writer.close()
    })

    test('that are missing are named; a compacted one refuses records without a key', async () => {
      const missing = `contract-${randomUUID()}`
      const writer = await s.log.writer()
      const position = { topic: missing, partition: 0, offset: 0 }
      const errors = await Promise.all([
        fails(writer.send([{ topic: missing, partition: 0, records: [record('k', 'v')] }])),
        fails(withReader(reader => reader.fetch([position], limits))),
        fails(s.log.watermarks(missing, [0])),
      ])
      expect(errors.map(error => isTributaryError(error, 'TOPIC_MISSING'))).toEqual([true, true, true])
      const compacted = await topic(1, { 'cleanup.policy': 'compact' })
      const refused = await fails(writer.send([{ topic: compacted, partition: 0, records: [record(null, 'v')] }]))
      expect(isTributaryError(refused, 'KAFKA_REQUEST')).toBe(true)
      await writer.send([{ topic: compacted, partition: 0, records: [record('k', 'v')] }])
      expect(await valuesOf(compacted)).toEqual(['v'])
      await writer.close()
    })
  })
}
