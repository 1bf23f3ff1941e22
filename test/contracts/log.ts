import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Fetched,
  FetchPosition,
  Log,
  LogReader,
  LogRecord,
  Membership,
  MembershipEvents,
  OutRecord,
  TransactionalWriter,
} from '../../runtime/log.js'
import { headerText } from '../../runtime/log.js'
import { isTributaryError } from '../../schemas/errors.js'

/** What a suite needs beside the port: how each implementation makes a log, and what only it can do. */
export interface LogUnderTest {
  readonly log: Log
  /** A log with short transactions and small batches: it must share what it stores with `log`. */
  readonly small: Log
  /** Makes compaction happen now, as far as it can; resolves when `done` holds. */
  compact(topic: string, done: () => Promise<boolean>): Promise<void>
  /** Group offsets as the broker has them: what lag tools show. */
  hinted(group: string, topic: string): Promise<ReadonlyMap<number, number>>
  /** Spoils the batch that begins at `offset` where the broker keeps it. */
  damage(topic: string, partition: number, offset: number): Promise<void>
  /** Changes what a topic allows from now on. */
  alter(topic: string, config: Readonly<Record<string, string>>): Promise<void>
  /** Lets the time of open transactions of `small` run out. */
  expireTransactions(): Promise<void>
}

const limits = { maxWaitMs: 100, maxBytes: 8_000_000, maxBytesPerPartition: 1_000_000 }
const text = (value: string) => Buffer.from(value)
const record = (key: string | null, value: string | null, headers?: Record<string, string>): OutRecord => ({
  key: key === null ? null : text(key),
  value: value === null ? null : text(value),
  ...(headers === undefined ? {} : { headers: Object.entries(headers) }),
})

/** Waits for a condition, at most 20 s, and says what it saw last. */
async function until(what: string, holds: () => boolean | Promise<boolean>, seen: () => unknown = () => ''): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waiting until ${what}: ${JSON.stringify(seen())}`)
    await sleep(10)
  }
}

export function logContract(name: string, makeLog: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let under: LogUnderTest
    let log: Log
    const topics: string[] = []

    beforeAll(async () => {
      under = await makeLog()
      log = under.log
      await log.selfTest()
    })
    afterAll(async () => {
      await log?.deleteTopics(topics)
      await under?.small.close()
      await log?.close()
    })

    async function topic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
      const made = `contract-${randomUUID()}`
      topics.push(made)
      await log.createTopics([{ name: made, partitions, replication: 1, config: { 'message.timestamp.type': 'LogAppendTime', ...config } }])
      return made
    }

    const id = () => `contract-${randomUUID()}`

    async function withReader<T>(work: (reader: LogReader) => Promise<T>, from: Log = log): Promise<T> {
      const reader = from.reader()
      try {
        return await work(reader)
      } finally {
        await reader.close()
      }
    }

    /** Reads from `position` until the stable offset (or its end) and returns all, with the steps it took. */
    function readAll(
      position: FetchPosition,
      maxBytesPerPartition = 1_000_000,
    ): Promise<{ values: (string | null)[]; records: LogRecord[]; next: number; fetches: number }> {
      return withReader(async reader => {
        const records: LogRecord[] = []
        let next = position.offset
        for (let fetches = 1; ; fetches++) {
          const [fetched] = await reader.fetch([{ ...position, offset: next }], { maxWaitMs: 0, maxBytes: 8_000_000, maxBytesPerPartition })
          records.push(
            ...fetched!.records.map(r => ({
              ...r,
              offset: r.offset,
              timestamp: r.timestamp,
              headers: r.headers,
              key: r.key,
              value: r.value,
            })),
          )
          const step = fetched!.next - next
          next = fetched!.next
          const end = Math.min(position.end ?? fetched!.stable, fetched!.stable)
          if (next >= end) return { values: records.map(r => r.value?.toString() ?? null), records, next, fetches }
          if (step === 0) throw new Error(`no progress at ${next} of ${end}`)
        }
      })
    }

    const valuesOf = async (name: string, partition = 0) => (await readAll({ topic: name, partition, offset: 0 })).values

    async function fails(work: Promise<unknown>): Promise<unknown> {
      return work.then(
        () => {
          throw new Error('it did not fail')
        },
        error => error,
      )
    }

    async function expectFenced(writer: TransactionalWriter): Promise<void> {
      const error = await fails(writer.recover())
      expect(isTributaryError(error, 'FENCED')).toBe(true)
    }

    describe('records', () => {
      test('come back as they were sent: keys, values, nulls, headers, offsets, append time', async () => {
        const t = await topic()
        const writer = await log.writer()
        const before = Date.now() - 5_000
        const records = [
          record('a', 'one', { id: '1', at: 'x' }),
          record(null, 'two'),
          record('c', null),
          record(null, null),
          record('', '', { e: '' }),
        ]
        const appended = await writer.send([{ topic: t, partition: 0, records }])
        expect(appended).toEqual([{ topic: t, partition: 0, first: 0, last: 4 }])
        const read = await readAll({ topic: t, partition: 0, offset: 0 })
        expect(read.records.map(r => [r.offset, r.key?.toString() ?? null, r.value?.toString() ?? null])).toEqual([
          [0, 'a', 'one'],
          [1, null, 'two'],
          [2, 'c', null],
          [3, null, null],
          [4, '', ''],
        ])
        expect(read.records[0]!.headers.map(([n, v]) => [n, v.toString()])).toEqual([
          ['id', '1'],
          ['at', 'x'],
        ])
        expect(headerText(read.records[0]!, 'at')).toBe('x')
        expect(headerText(read.records[4]!, 'e')).toBe('')
        expect(read.records[1]!.headers).toHaveLength(0)
        for (const r of read.records) expect(r.timestamp).toBeGreaterThan(before)
        await writer.close()
      })

      test('of several partitions go in one send, and are read in one fetch', async () => {
        const t = await topic(3)
        const writer = await log.writer()
        const appended = await writer.send([
          { topic: t, partition: 2, records: [record('a', 'p2'), record('b', 'p2b')] },
          { topic: t, partition: 0, records: [record('a', 'p0')] },
          { topic: t, partition: 1, records: [] },
        ])
        expect([...appended].sort((a, b) => a.partition - b.partition)).toEqual([
          { topic: t, partition: 0, first: 0, last: 0 },
          { topic: t, partition: 2, first: 0, last: 1 },
        ])
        const fetched = await withReader(reader =>
          reader.fetch(
            [0, 1, 2].map(partition => ({ topic: t, partition, offset: 0 })),
            limits,
          ),
        )
        expect(fetched.map(f => [f.partition, f.records.map(r => r.value!.toString()), f.next])).toEqual([
          [0, ['p0'], 1],
          [1, [], 0],
          [2, ['p2', 'p2b'], 2],
        ])
        await writer.close()
      })

      test('more than a batch holds are cut, in order, and read in small steps without loss', async () => {
        const t = await topic()
        const writer = await under.small.writer()
        const values = Array.from({ length: 500 }, (_, i) => `${i}-${'x'.repeat(997)}`)
        const appended = await writer.send([{ topic: t, partition: 0, records: values.map((v, i) => record(`k${i}`, v)) }])
        expect(appended).toEqual([{ topic: t, partition: 0, first: 0, last: 499 }])
        expect(await valuesOf(t)).toEqual(values)
        // Less than one batch: the first batch comes whole, or is asked for again with more.
        expect((await readAll({ topic: t, partition: 0, offset: 0 }, 2_000)).values).toEqual(values)
        expect((await readAll({ topic: t, partition: 0, offset: 0 }, 10)).values).toEqual(values)
        await writer.close()
      })

      test('too large alone are refused by name; a batch that is too large is halved', async () => {
        const t = await topic(1, { 'max.message.bytes': '20000' })
        const writer = await log.writer()
        const values = Array.from({ length: 100 }, (_, i) => `${i}-${'y'.repeat(1_000)}`)
        const appended = await writer.send([{ topic: t, partition: 0, records: values.map(v => record('k', v)) }])
        expect(appended).toEqual([{ topic: t, partition: 0, first: 0, last: 99 }])
        const error = await fails(writer.send([{ topic: t, partition: 0, records: [record('k', 'z'.repeat(30_000))] }]))
        expect(isTributaryError(error, 'MESSAGE_TOO_LARGE')).toBe(true)
        await writer.send([{ topic: t, partition: 0, records: [record('k', 'after')] }])
        expect(await valuesOf(t)).toEqual([...values, 'after'])
        await writer.close()
      })

      test('too large by a limit that was lowered meanwhile are halved as well, in a transaction too', async () => {
        const t = await topic(2)
        const [writer, owner] = [await log.writer(), await log.claim(id())]
        const values = (name: string) => Array.from({ length: 60 }, (_, i) => `${name} ${i} ${'y'.repeat(1_000)}`)
        const all = (partition: number, name: string) => ({ topic: t, partition, records: values(name).map(v => record('k', v)) })
        await writer.send([all(0, 'before')])
        await owner.send([all(1, 'before')])
        await under.alter(t, { 'max.message.bytes': '20000' })
        expect(await writer.send([all(0, 'after')])).toEqual([{ topic: t, partition: 0, first: 60, last: 119 }])
        expect(await owner.send([all(1, 'after')])).toEqual([{ topic: t, partition: 1, first: 60, last: 119 }])
        await owner.commit()
        await until('the transaction is seen', async () => (await valuesOf(t, 1)).length === 120)
        for (const partition of [0, 1]) expect(await valuesOf(t, partition)).toEqual([...values('before'), ...values('after')])
        await Promise.all([writer.close(), owner.close()])
      })

      test('of parallel sends of one writer all arrive once', async () => {
        const t = await topic(2)
        const writer = await log.writer()
        await Promise.all(
          Array.from({ length: 20 }, (_, i) => writer.send([{ topic: t, partition: i % 2, records: [record('k', `v${i}`)] }])),
        )
        expect([...(await valuesOf(t, 0)), ...(await valuesOf(t, 1))].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `v${i}`).sort())
        await writer.close()
      })
    })

    describe('positions', () => {
      test('stop exactly at the end bound, inside a batch too, and lose nothing after it', async () => {
        const t = await topic()
        const writer = await log.writer()
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
        const writer = await log.claim(id())
        for (const end of ['commit', 'abort', 'abort'] as const) {
          await writer.send([{ topic: t, partition: 0, records: [record('k', end)] }])
          await writer[end]()
        }
        await until('markers are written', async () => (await log.watermarks(t, [0])).get(0)!.stable === 6)
        const read = await readAll({ topic: t, partition: 0, offset: 0 })
        expect([read.values, read.next, read.fetches]).toEqual([['commit'], 6, 1])
        expect((await readAll({ topic: t, partition: 0, offset: 1 })).next).toBe(6)
        await writer.close()
      })

      test('outside of the log are told, and nothing is reset', async () => {
        const t = await topic()
        const writer = await log.writer()
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
        const writer = await log.writer()
        for (const partition of [0, 1])
          for (const value of ['a', 'b', 'c']) await writer.send([{ topic: t, partition, records: [record('k', value)] }])
        await under.damage(t, 0, 1)
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
        const writer = await log.writer()
        const old = (length: number) => Array.from({ length }, (_, i) => record(`k${i % 4}`, `old${i}`))
        // A batch that keeps only its first record, and one that keeps none: the broker retains it empty, as it is the last of its producer.
        const [first, second] = [await log.writer(), await log.writer()]
        await first.send([{ topic: t, partition: 0, records: [record('kept', 'kept'), ...old(99)] }])
        await second.send([{ topic: t, partition: 0, records: old(100) }])
        const last = [record('k0', 'new0'), record('k1', 'new1'), record('k2', null), record('k3', null)]
        await writer.send([{ topic: t, partition: 0, records: last }])
        await sleep(200)
        await writer.send([{ topic: t, partition: 0, records: [record('other', 'last')] }])
        let kick = 0
        await under.compact(t, async () => {
          if (kick++ % 10 === 9) await writer.send([{ topic: t, partition: 0, records: [record('kick', `${kick}`)] }])
          const values = await valuesOf(t)
          return !values.some(v => v?.startsWith('old'))
        })
        const read = await readAll({ topic: t, partition: 0, offset: 0 })
        expect(read.values.slice(0, 3)).toEqual(['kept', 'new0', 'new1'])
        expect(read.fetches).toBeLessThan(6)
        // Small fetches bring the emptied batches alone: they must be passed as well.
        expect((await readAll({ topic: t, partition: 0, offset: 0 }, 100)).values).toEqual(read.values)
        await writer.close()
      })
    })

    describe('watermarks', () => {
      test('of an empty and of a filled partition', async () => {
        const t = await topic(2)
        const writer = await log.writer()
        await writer.send([{ topic: t, partition: 1, records: [record('k', 'v'), record('k', 'w')] }])
        expect([...(await log.watermarks(t, [0, 1]))]).toEqual([
          [0, { low: 0, stable: 0, high: 0 }],
          [1, { low: 0, stable: 2, high: 2 }],
        ])
        await writer.close()
      })

      test('an open transaction holds back the stable offset, and what lies behind it', async () => {
        const t = await topic()
        const open = await log.claim(id())
        const writer = await log.writer()
        await open.send([{ topic: t, partition: 0, records: [record('k', 'open')] }])
        await writer.send([{ topic: t, partition: 0, records: [record('k', 'behind')] }])
        const marks = (await log.watermarks(t, [0])).get(0)!
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
        const writer = await log.writer()
        const send = (...values: string[]) => writer.send([{ topic: t, partition: 0, records: values.map(value => record('k', value)) }])
        await send('a', 'b')
        await sleep(20)
        await send('c')
        const [first, , last] = (await readAll({ topic: t, partition: 0, offset: 0 })).records.map(r => r.timestamp)
        const at = async (time: number) => [...(await log.offsetsSince(t, [0, 1], time))]
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

    describe('transactions', () => {
      test('that are open can be told, and are gone when they end', async () => {
        const t = await topic()
        const name = id()
        const writer = await log.claim(name)
        await writer.send([{ topic: t, partition: 0, records: [record('k', 'v')] }])
        const open = await log.openTransactions(t, 0)
        expect(open).toHaveLength(1)
        expect(open[0]).toEqual({ transactionalId: name, producerId: writer.producerId, firstOffset: 0 })
        await writer.commit()
        await until('no transaction is open', async () => (await log.openTransactions(t, 0)).length === 0)
      })

      test('commit several partitions together, each with a new epoch; nothing sent costs nothing', async () => {
        const t = await topic(2)
        const writer = await log.claim(id())
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
        const writers = await Promise.all([log.claim(id()), log.claim(id()), log.claim(id())])
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
            const marks = (await log.watermarks(t, [partition])).get(partition)!
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

      test('a claim fences the former owner and ends its transaction: a zombie writes nothing', async () => {
        const t = await topic()
        const name = id()
        const zombie = await log.claim(name)
        await zombie.send([{ topic: t, partition: 0, records: [record('k', 'zombie')] }])
        const owner = await log.claim(name)
        await owner.send([{ topic: t, partition: 0, records: [record('k', 'owner')] }])
        await fails(zombie.send([{ topic: t, partition: 0, records: [record('k', 'zombie again')] }]))
        // After an error nothing goes on without recover.
        await fails(zombie.commit())
        await expectFenced(zombie)
        await owner.commit()
        const late = await log.claim(name)
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
        const zombie = await log.claim(name)
        await zombie.send([{ topic: t, partition: 0, records: [record('k', 'zombie')] }])
        const owner = await log.claim(name)
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
        const writer = await under.small.claim(id())
        await writer.send([{ topic: t, partition: 0, records: [record('k', 'timed out')] }])
        await under.expireTransactions()
        await until('the transaction is over', async () => (await log.watermarks(t, [0])).get(0)!.stable === 2)
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
        const writer = await log.claim(id())
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

    describe('topics', () => {
      test('are described with partitions, id and config; missing ones are absent', async () => {
        const t = await topic(3, { 'cleanup.policy': 'compact' })
        const described = await log.describeTopics([t, 'contract-nowhere'])
        expect([...described.keys()]).toEqual([t])
        const state = described.get(t)!
        expect([state.partitions, state.config['cleanup.policy'], state.config['message.timestamp.type']]).toEqual([
          3,
          'compact',
          'LogAppendTime',
        ])
        expect(state.id.length).toBeGreaterThan(10)
        await log.createTopics([{ name: t, partitions: 3, replication: 1, config: {} }])
        await log.deleteTopics([t, 'contract-nowhere'])
        expect((await log.describeTopics([t])).size).toBe(0)
      })

      test('that are deleted can be made anew at once, empty and with another id', async () => {
        const t = await topic()
        const writer = await log.writer()
        const send = (value: string) => writer.send([{ topic: t, partition: 0, records: [record('k', value)] }])
        await send('old')
        const before = (await log.describeTopics([t])).get(t)!
        await log.deleteTopics([t])
        await log.createTopics([{ name: t, partitions: 2, replication: 1, config: {} }])
        const after = (await log.describeTopics([t])).get(t)!
        expect([after.id === before.id, after.partitions]).toEqual([false, 2])
        expect((await log.watermarks(t, [0])).get(0)).toEqual({ low: 0, stable: 0, high: 0 })
        await send('new')
        expect(await valuesOf(t)).toEqual(['new'])
        await writer.close()
      })

      test('that are missing are named; a compacted one refuses records without a key', async () => {
        const missing = `contract-${randomUUID()}`
        const writer = await log.writer()
        const position = { topic: missing, partition: 0, offset: 0 }
        const errors = await Promise.all([
          fails(writer.send([{ topic: missing, partition: 0, records: [record('k', 'v')] }])),
          fails(withReader(reader => reader.fetch([position], limits))),
          fails(log.watermarks(missing, [0])),
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

    describe('membership', () => {
      interface Member {
        membership: Membership
        held: Set<number>
        taken: number[]
      }

      /** Fails at once when two members hold one partition. */
      async function member(all: Member[], group: string, t: string, events: Partial<MembershipEvents> = {}): Promise<Member> {
        const self: Member = { membership: undefined as unknown as Membership, held: new Set(), taken: [] }
        all.push(self)
        self.membership = await log.join(group, t, {
          async assigned(partitions) {
            for (const p of partitions) {
              const others = all.filter(m => m !== self && m.held.has(p))
              if (others.length > 0) throw new Error(`partition ${p} is held twice`)
              self.held.add(p)
            }
          },
          async revoked(partitions) {
            // Time for others to be wrong in.
            await sleep(20)
            for (const p of partitions) self.held.delete(p)
            self.taken.push(...partitions)
          },
          lost() {
            self.held.clear()
          },
          ...events,
        })
        return self
      }

      const shares = (all: Member[]) => all.map(m => [...m.held].sort((a, b) => a - b))

      test('1, 2, 1 members: disjoint at all times, balanced, and nothing moves without need', async () => {
        const t = await topic(6)
        const group = id()
        const all: Member[] = []
        const first = await member(all, group, t)
        expect(first.membership.owned).toEqual([0, 1, 2, 3, 4, 5])
        await until('the first holds all', () => first.held.size === 6)
        expect(await first.membership.confirm()).toBe(true)
        const second = await member(all, group, t)
        await until(
          'both hold half',
          () => first.held.size === 3 && second.held.size === 3,
          () => shares(all),
        )
        expect(first.taken).toHaveLength(3)
        expect(second.taken).toHaveLength(0)
        expect([...first.membership.owned, ...second.membership.owned].sort()).toEqual([0, 1, 2, 3, 4, 5])
        expect(await second.membership.confirm()).toBe(true)
        await second.membership.leave()
        await until(
          'the first holds all again',
          () => first.held.size === 6,
          () => shares(all),
        )
        expect(first.taken).toHaveLength(3)
        expect(await first.membership.confirm()).toBe(true)
        await first.membership.leave()
        expect(first.held.size).toBe(0)
        expect(await first.membership.confirm()).toBe(false)
      })

      test('anybody can see who is in a group and what it owns; of an unknown group nobody', async () => {
        const t = await topic(4)
        const group = id()
        expect(await log.members(group)).toEqual([])
        const all: Member[] = []
        const [first, second] = [await member(all, group, t), await member(all, group, t)]
        await until('both hold half', () => first.held.size === 2 && second.held.size === 2)
        const owned = async () => (await under.small.members(group)).map(each => each.partitions.join())
        await until(
          'both are seen',
          async () =>
            (await owned()).sort().join(' ') ===
            [...shares(all)]
              .map(s => s.join())
              .sort()
              .join(' '),
        )
        expect(new Set((await log.members(group)).map(each => each.id)).size).toBe(2)
        await second.membership.leave()
        await until('one is left', async () => (await owned()).join(' ') === '0,1,2,3')
        await first.membership.leave()
        expect(await log.members(group)).toEqual([])
      })

      test('members come and go at random: disjoint at all times, complete and balanced in the end', async () => {
        const t = await topic(7)
        const group = id()
        const all: Member[] = []
        const here: Member[] = []
        for (const change of ['+', '+', '+', '-', '+', '-', '-', '+']) {
          if (change === '+') here.push(await member(all, group, t))
          else await here.shift()!.membership.leave()
          // Half of the changes come before the one before has settled.
          if (here.length % 2 === 0) await sleep(150)
        }
        const complete = () =>
          [...shares(here)]
            .flat()
            .sort((a, b) => a - b)
            .join() === '0,1,2,3,4,5,6'
        await until(
          'all is shared out',
          () => complete() && here.every(m => m.held.size >= Math.floor(7 / here.length)),
          () => shares(here),
        )
        await Promise.all(here.map(m => m.membership.leave()))
        expect(all.every(m => m.held.size === 0)).toBe(true)
      })

      test('offset hints are taken from members and from outside, for any topic, and break nothing', async () => {
        const [t, other] = [await topic(2), await topic(1)]
        const group = id()
        await log.hintOffsets(group, t, new Map([[0, 5]]))
        expect(await under.hinted(group, t)).toEqual(new Map([[0, 5]]))
        const all: Member[] = []
        const only = await member(all, group, t)
        const offsets = new Map([
          [0, 7],
          [1, 8],
        ])
        await log.hintOffsets(group, t, offsets)
        await log.hintOffsets(group, other, new Map([[0, 9]]))
        expect(await under.hinted(group, t)).toEqual(offsets)
        expect(await under.hinted(group, other)).toEqual(new Map([[0, 9]]))
        expect(await only.membership.confirm()).toBe(true)
        await only.membership.leave()
      })
    })

    test('a long poll ends as soon as something is there, and hinders no other reader', async () => {
      const t = await topic()
      const writer = await log.writer()
      await withReader(async waiting => {
        const started = Date.now()
        const poll: Promise<readonly Fetched[]> = waiting.fetch([{ topic: t, partition: 0, offset: 0 }], { ...limits, maxWaitMs: 5_000 })
        await withReader(reader => reader.fetch([{ topic: t, partition: 0, offset: 0 }], { ...limits, maxWaitMs: 0 }))
        await writer.send([{ topic: t, partition: 0, records: [record('k', 'v')] }])
        const [fetched] = await poll
        expect(fetched!.records).toHaveLength(1)
        expect(Date.now() - started).toBeLessThan(4_000)
      })
      await writer.close()
    })
  })
}
