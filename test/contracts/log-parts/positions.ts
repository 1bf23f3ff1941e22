import { setTimeout as sleep } from 'node:timers/promises'
import type { Fetched } from '../../../runtime/log.js'
import { isTributaryError } from '../../../schemas/errors.js'
import type { LogSuite } from './log-suite.js'
import { limits, record, until } from './parts.js'

/** How a reader goes through any log, and waits at its end. */
export function positionsContract(s: LogSuite): void {
  const { topic, id, withReader, readAll, valuesOf } = s

  describe('positions', () => {
    test('stop exactly at the end bound, inside a batch too, and lose nothing after it', async () => {
      const t = await topic()
      const writer = await s.log.writer()
      await writer.send([{ topic: t, partition: 0, records: Array.from({ length: 10 }, (_, i) => record('k', `${i}`)) }])
      await withReader(async reader => {
        const [first] = await reader.fetch([{ topic: t, partition: 0, offset: 2, end: 7 }], limits)
        expect([first!.records.map(r => r.offset), first!.next]).toEqual([[2, 3, 4, 5, 6], 7])
        const [at] = await reader.fetch([{ topic: t, partition: 0, offset: 7, end: 7 }], limits)
        expect([at!.records.length, at!.next, at!.high]).toEqual([0, 7, 10])
        const [rest] = await reader.fetch([{ topic: t, partition: 0, offset: 7 }], limits)
        expect([rest!.records.map(r => r.offset), rest!.next]).toEqual([[7, 8, 9], 10])
      })
      await writer.close()
    })

    test('go over control and aborted batches in one step', async () => {
      const t = await topic()
      const writer = await s.log.claim(id())
      for (const end of ['commit', 'abort', 'abort'] as const) {
        await writer.send([{ topic: t, partition: 0, records: [record('k', end)] }])
        await writer[end]()
      }
      await until('markers are written', async () => (await s.log.watermarks(t, [0])).get(0)!.stable === 6)
      const read = await readAll({ topic: t, partition: 0, offset: 0 })
      expect([read.values, read.next, read.fetches]).toEqual([['commit'], 6, 1])
      expect((await readAll({ topic: t, partition: 0, offset: 1 })).next).toBe(6)
      await writer.close()
    })

    test('outside of the log are told, and nothing is reset', async () => {
      const t = await topic()
      const writer = await s.log.writer()
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'v')] }])
      await withReader(async reader => {
        const [lost] = await reader.fetch([{ topic: t, partition: 0, offset: 99 }], limits)
        expect([lost!.lost, lost!.next, lost!.records.length]).toEqual([{ low: 0, high: 1 }, 99, 0])
        const [fine] = await reader.fetch([{ topic: t, partition: 0, offset: 1 }], limits)
        expect(fine!.lost).toBeUndefined()
      })
      await writer.close()
    })

    test('before damaged bytes are reached, and there an error is told; other partitions are read on', async () => {
      const t = await topic(2)
      const writer = await s.log.writer()
      for (const partition of [0, 1])
        for (const value of ['a', 'b', 'c']) await writer.send([{ topic: t, partition, records: [record('k', value)] }])
      await s.under.damage(t, 0, 1)
      await withReader(async reader => {
        const at = async (offset: number) =>
          reader.fetch(
            [0, 1].map(partition => ({ topic: t, partition, offset })),
            limits,
          )
        const values = (fetched: Fetched | undefined) => fetched!.records.map(r => r.value!.toString())
        const [before, whole] = await at(0)
        expect([values(before), before!.next, before!.broken]).toEqual([['a'], 1, undefined])
        expect([values(whole), whole!.next, whole!.broken]).toEqual([['a', 'b', 'c'], 3, undefined])
        const [broken, rest] = await at(1)
        expect([values(broken), broken!.next, isTributaryError(broken!.broken, 'CORRUPT_BATCH')]).toEqual([[], 1, true])
        expect([values(rest), rest!.next]).toEqual([['b', 'c'], 3])
      })
      await writer.close()
    })

    test('pass what compaction took away', async () => {
      const t = await topic(1, {
        'cleanup.policy': 'compact',
        'segment.bytes': '1048576',
        'segment.ms': '100',
        'min.cleanable.dirty.ratio': '0.01',
        'delete.retention.ms': '0',
        'max.compaction.lag.ms': '100',
      })
      const writer = await s.log.writer()
      const old = (length: number) => Array.from({ length }, (_, i) => record(`k${i % 4}`, `old${i}`))
      // A batch that keeps only its first record, one that goes, and one that keeps none: the broker retains it empty, as it is the last of
      // its producer.
      const [first, second] = [await s.log.writer(), await s.log.writer()]
      await first.send([{ topic: t, partition: 0, records: [record('kept', 'kept'), ...old(99)] }])
      await second.send([{ topic: t, partition: 0, records: old(100) }])
      await second.send([{ topic: t, partition: 0, records: old(100) }])
      const last = [record('k0', 'new0'), record('k1', 'new1'), record('k2', null), record('k3', null)]
      await writer.send([{ topic: t, partition: 0, records: last }])
      await sleep(200)
      await writer.send([{ topic: t, partition: 0, records: [record('other', 'last')] }])
      let kick = 0
      await s.under.compact(t, async () => {
        if (kick++ % 10 === 9) await writer.send([{ topic: t, partition: 0, records: [record('kick', `${kick}`)] }])
        const values = await valuesOf(t)
        return !values.some(v => v?.startsWith('old'))
      })
      const read = await readAll({ topic: t, partition: 0, offset: 0 })
      expect(read.values.slice(0, 3)).toEqual(['kept', 'new0', 'new1'])
      expect(read.fetches).toBeLessThan(6)
      // Small fetches bring the emptied batches alone: they must be passed as well.
      expect((await readAll({ topic: t, partition: 0, offset: 0 }, 100)).values).toEqual(read.values)
      // A bound in the hole is reached.
      const bounded = await readAll({ topic: t, partition: 0, offset: 120, end: 150 })
      expect([bounded.values, bounded.next]).toEqual([[], 150])
      await writer.close()
    })
  })

  test('a long poll ends as soon as something is there, and hinders no other reader', async () => {
    const t = await topic()
    const writer = await s.log.writer()
    await withReader(async waiting => {
      // Longer than a test may last: what ends it is the record alone.
      const longest = { ...limits, maxWaitMs: 25_000 }
      let over = false
      const poll: Promise<readonly Fetched[]> = waiting.fetch([{ topic: t, partition: 0, offset: 0 }], longest).finally(() => {
        over = true
      })
      await withReader(reader => reader.fetch([{ topic: t, partition: 0, offset: 0 }], { ...limits, maxWaitMs: 0 }))
      expect(over).toBe(false)
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'v')] }])
      const [fetched] = await poll
      expect(fetched!.records).toHaveLength(1)
    })
    await writer.close()
  })
}
