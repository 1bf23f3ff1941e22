import { isTributaryError } from '../../../schemas/errors.js'
import type { LogSuite } from './log-suite.js'
import { record, text, until } from './parts.js'

/** All or nothing, and one owner. */
export function transactionsContract(s: LogSuite): void {
  const { topic, id, readAll, valuesOf, fails, expectFenced } = s

  describe('transactions', () => {
    test('that are open can be told, and are gone when they end', async () => {
      const t = await topic()
      const name = id()
      const writer = await s.log.claim(name)
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'v')] }])
      const open = await s.log.openTransactions(t, 0)
      expect(open).toHaveLength(1)
      expect(open[0]).toEqual({ transactionalId: name, producerId: writer.producerId, firstOffset: 0 })
      await writer.commit()
      await until('no transaction is open', async () => (await s.log.openTransactions(t, 0)).length === 0)
    })

    test('commit several partitions together, each with a new epoch; nothing sent costs nothing', async () => {
      const t = await topic(2)
      const writer = await s.log.claim(id())
      const epoch = writer.epoch
      await writer.commit()
      await writer.abort()
      expect(writer.epoch).toBe(epoch)
      const appended = await writer.send([
        { topic: t, partition: 0, records: [record('a', '0')] },
        { topic: t, partition: 1, records: [record('a', '1')] },
      ])
      expect(appended.map(a => [a.partition, a.first, a.last]).sort()).toEqual([
        [0, 0, 0],
        [1, 0, 0],
      ])
      await writer.send([{ topic: t, partition: 0, records: [record('a', '00')] }])
      await writer.commit()
      expect(writer.epoch).toBe(epoch + 1)
      await writer.commit()
      await writer.send([{ topic: t, partition: 0, records: [record('a', '000')] }])
      await writer.commit()
      await until('all are seen', async () => (await valuesOf(t, 0)).length === 3 && (await valuesOf(t, 1)).length === 1)
      await writer.close()
    })

    test('of several writers interleave: no aborted record is seen, none is lost', async () => {
      const t = await topic(2)
      const writers = await Promise.all([s.log.claim(id()), s.log.claim(id()), s.log.claim(id())])
      const expected: string[][] = [[], []]
      let seed = 7
      const random = (n: number) => {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        return seed % n
      }
      const pending = writers.map(() => [[], []] as string[][])
      for (let step = 0; step < 90; step++) {
        const w = random(writers.length)
        const writer = writers[w]!
        const mine = pending[w]!
        const what = random(4)
        if (what >= 2) {
          const end = what === 2 ? 'commit' : 'abort'
          await writer[end]()
          for (const p of [0, 1]) expected[p]!.push(...(end === 'commit' ? mine[p]! : []))
          pending[w] = [[], []]
        } else {
          const partition = random(2)
          // A key that looks like an abort marker must not end the filter.
          const values = Array.from({ length: 1 + random(5) }, (_, i) => `${w}-${step}-${i}`)
          await writer.send([{ topic: t, partition, records: values.map(value => ({ key: Buffer.alloc(4), value: text(value) })) }])
          mine[partition]!.push(...values)
        }
      }
      await Promise.all(writers.map(writer => writer.abort()))
      for (const partition of [0, 1]) {
        await until('every transaction is decided', async () => {
          const marks = (await s.log.watermarks(t, [partition])).get(partition)!
          return marks.stable === marks.high
        })
        const whole = await readAll({ topic: t, partition, offset: 0 })
        expect([...whole.values].sort()).toEqual([...expected[partition]!].sort())
        // Every start and small fetches give the same suffix: aborts are listed for the range that is asked for.
        expect((await readAll({ topic: t, partition, offset: 0 }, 50)).values).toEqual(whole.values)
        for (let from = 1; from < whole.next; from += 7) {
          const suffix = await readAll({ topic: t, partition, offset: from })
          expect(suffix.values).toEqual(whole.records.filter(r => r.offset >= from).map(r => r.value!.toString()))
        }
      }
      await Promise.all(writers.map(writer => writer.close()))
    })

    test('of before are over once the id is claimed: nothing is left to be ended', async () => {
      const t = await topic(2)
      const name = id()
      const own = [0, 1].map(partition => ({ topic: t, partition }))
      const first = await s.log.claim(name)
      expect(await first.settle(own)).toEqual([])
      await first.send(own.map(place => ({ ...place, records: [record('k', 'committed')] })))
      await first.requireSettled()
      await first.commit()
      await first.send([{ ...own[0]!, records: [record('k', 'open')] }])
      const next = await s.log.claim(name)
      expect(await next.settle(own)).toEqual([])
      await next.requireSettled()
      await next.send([{ ...own[1]!, records: [record('k', 'next')] }])
      await next.recover()
      expect(await next.settle(own)).toEqual([])
      expect(await Promise.all([valuesOf(t, 0), valuesOf(t, 1)])).toEqual([['committed'], ['committed']])
      await Promise.all([first.close(), next.close()])
    })

    test('a claim fences the former owner and ends its transaction: a zombie writes nothing', async () => {
      const t = await topic()
      const name = id()
      const zombie = await s.log.claim(name)
      await zombie.send([{ topic: t, partition: 0, records: [record('k', 'zombie')] }])
      const owner = await s.log.claim(name)
      await owner.send([{ topic: t, partition: 0, records: [record('k', 'owner')] }])
      await fails(zombie.send([{ topic: t, partition: 0, records: [record('k', 'zombie again')] }]))
      // After an error nothing goes on without recover.
      await fails(zombie.commit())
      await expectFenced(zombie)
      await owner.commit()
      const late = await s.log.claim(name)
      await fails(owner.send([{ topic: t, partition: 0, records: [record('k', 'late')] }]))
      await expectFenced(owner)
      await late.send([{ topic: t, partition: 0, records: [record('k', 'new owner')] }])
      await late.commit()
      await until('both are seen', async () => (await valuesOf(t)).length >= 2)
      expect(await valuesOf(t)).toEqual(['owner', 'new owner'])
      await Promise.all([zombie.close(), owner.close(), late.close()])
    })

    test('the commit of a fenced owner fails, and its records stay unseen', async () => {
      const t = await topic()
      const name = id()
      const zombie = await s.log.claim(name)
      await zombie.send([{ topic: t, partition: 0, records: [record('k', 'zombie')] }])
      const owner = await s.log.claim(name)
      await fails(zombie.commit())
      await expectFenced(zombie)
      await owner.send([{ topic: t, partition: 0, records: [record('k', 'owner')] }])
      await owner.commit()
      await until('the owner is seen', async () => (await valuesOf(t)).includes('owner'))
      expect(await valuesOf(t)).toEqual(['owner'])
      await Promise.all([zombie.close(), owner.close()])
    })

    test('after a time-out the owner recovers and goes on', async () => {
      const t = await topic()
      const writer = await s.under.small.claim(id())
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'timed out')] }])
      await s.under.expireTransactions()
      await until('the transaction is over', async () => (await s.log.watermarks(t, [0])).get(0)!.stable === 2)
      await fails(writer.commit())
      await writer.recover()
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'after')] }])
      await writer.commit()
      await until('it is seen', async () => (await valuesOf(t)).length > 0)
      expect(await valuesOf(t)).toEqual(['after'])
      await writer.close()
    })

    test('recover ends an open transaction, after an error inside of it too', async () => {
      const t = await topic(2, { 'max.message.bytes': '20000' })
      const writer = await s.log.claim(id())
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'first half')] }])
      const error = await fails(writer.send([{ topic: t, partition: 1, records: [record('k', 'z'.repeat(30_000))] }]))
      expect(isTributaryError(error, 'MESSAGE_TOO_LARGE')).toBe(true)
      await writer.recover()
      await writer.recover()
      await writer.send([{ topic: t, partition: 0, records: [record('k', 'second')] }])
      await writer.commit()
      await until('it is seen', async () => (await valuesOf(t)).length > 0)
      expect(await valuesOf(t)).toEqual(['second'])
      await writer.close()
    })
  })
}
