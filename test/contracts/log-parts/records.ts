import { headerText } from '../../../runtime/log.js'
import { isTributaryError } from '../../../schemas/errors.js'
import type { LogSuite } from './log-suite.js'
import { limits, record, until } from './parts.js'

/** What is written comes back. */
export function recordsContract(s: LogSuite): void {
  const { topic, id, withReader, readAll, valuesOf, fails } = s

  describe('records', () => {
    test('come back as they were sent: keys, values, nulls, headers, offsets, append time', async () => {
      const t = await topic()
      const writer = await s.log.writer()
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
      const writer = await s.log.writer()
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
      const writer = await s.under.small.writer()
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
      const writer = await s.log.writer()
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
      const [writer, owner] = [await s.log.writer(), await s.log.claim(id())]
      const values = (name: string) => Array.from({ length: 60 }, (_, i) => `${name} ${i} ${'y'.repeat(1_000)}`)
      const all = (partition: number, name: string) => ({ topic: t, partition, records: values(name).map(v => record('k', v)) })
      await writer.send([all(0, 'before')])
      await owner.send([all(1, 'before')])
      await s.under.alter(t, { 'max.message.bytes': '20000' })
      expect(await writer.send([all(0, 'after')])).toEqual([{ topic: t, partition: 0, first: 60, last: 119 }])
      expect(await owner.send([all(1, 'after')])).toEqual([{ topic: t, partition: 1, first: 60, last: 119 }])
      await owner.commit()
      await until('the transaction is seen', async () => (await valuesOf(t, 1)).length === 120)
      for (const partition of [0, 1]) expect(await valuesOf(t, partition)).toEqual([...values('before'), ...values('after')])
      await Promise.all([writer.close(), owner.close()])
    })

    test('of parallel sends of one writer all arrive once', async () => {
      const t = await topic(2)
      const writer = await s.log.writer()
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => writer.send([{ topic: t, partition: i % 2, records: [record('k', `v${i}`)] }])),
      )
      expect([...(await valuesOf(t, 0)), ...(await valuesOf(t, 1))].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `v${i}`).sort())
      await writer.close()
    })
  })
}
