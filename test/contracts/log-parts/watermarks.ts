import { setTimeout as sleep } from 'node:timers/promises'
import type { LogSuite } from './log-suite.js'
import { limits, record, until } from './parts.js'

/** Ends of a partition, and offsets by time. */
export function watermarksContract(s: LogSuite): void {
  const { topic, id, withReader, readAll, valuesOf } = s

  describe('watermarks', () => {
    test('of an empty and of a filled partition', async () => {
      const t = await topic(2)
      const writer = await s.log.writer()
      await writer.send([{ topic: t, partition: 1, records: [record('k', 'v'), record('k', 'w')] }])
      expect([...(await s.log.watermarks(t, [0, 1]))]).toEqual([
        [0, { low: 0, stable: 0, high: 0 }],
        [1, { low: 0, stable: 2, high: 2 }],
      ])
      await writer.close()
    })

    test('an open transaction holds back the stable offset, and what lies behind it', async () => {
      const t = await topic()
      const open = await s.log.claim(id())
      const writer = await s.log.writer()
      await open.send([{ topic: t, partition: 0, records: [record('k', 'open')] }])
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'behind')] }])
      const marks = (await s.log.watermarks(t, [0])).get(0)!
      expect(marks).toEqual({ low: 0, stable: 0, high: 2 })
      await withReader(async reader => {
        const [held] = await reader.fetch([{ topic: t, partition: 0, offset: 0 }], { ...limits, maxWaitMs: 0 })
        expect([held!.records.length, held!.next, held!.stable, held!.high]).toEqual([0, 0, 0, 2])
      })
      await open.commit()
      await until('both are seen', async () => (await valuesOf(t)).length === 2)
      await Promise.all([open.close(), writer.close()])
    })
  })

  describe('offsets by time', () => {
    test('the first at or after it; the beginning before all, the end after all', async () => {
      const t = await topic(2)
      const writer = await s.log.writer()
      const send = (...values: string[]) => writer.send([{ topic: t, partition: 0, records: values.map(value => record('k', value)) }])
      await send('a', 'b')
      await sleep(20)
      await send('c')
      const [first, , last] = (await readAll({ topic: t, partition: 0, offset: 0 })).records.map(r => r.timestamp)
      const at = async (time: number) => [...(await s.log.offsetsSince(t, [0, 1], time))]
      const both = (offset: number) => [
        [0, offset],
        [1, 0],
      ]
      expect(await at(first! - 1000)).toEqual(both(0))
      expect(await at(first! + 1)).toEqual(both(2))
      expect(await at(last!)).toEqual(both(2))
      expect(await at(last! + 1)).toEqual(both(3))
      await writer.close()
    })
  })
}
