import { newLedger, toRouteLedger } from '../../../processors/route/ledger.js'
import type { LogRecord } from '../../../runtime/log.js'
import { silentLogger } from '../../../runtime/logger.js'
import type { RouteDeps } from '../../../runtime/route/route-task.js'
import { stage } from '../../../runtime/route/staged.js'
import { headers } from '../../../schemas/headers.js'
import { edited } from '../../driver/edited.js'
import { context, statements } from '../../processors/route/statements.js'

const said: unknown[] = []
const nothingSeen = { has: () => false }
const deps = {
  naming: { prefix: '', generation: 1 },
  partitions: 1,
  commitBytes: 10_000_000,
  maxMessageBytes: 1 << 20,
  // The schema of one kind does not know what it is given.
  codec: {
    encodeEvent: (topic: string) => {
      if (topic === 'events.page-viewed') throw new TypeError('invalid "string": the learner said so')
      return Buffer.alloc(100)
    },
    encodeLedger: () => Buffer.alloc(10),
  },
  logger: { ...silentLogger, error: (...what: unknown[]) => said.push(what) },
} as unknown as RouteDeps

const record = (offset: number, text: string, more: readonly (readonly [string, string])[] = []): LogRecord => ({
  offset,
  timestamp: 1,
  key: null,
  value: Buffer.from(text),
  headers: more.map(([name, value]) => [name, Buffer.from(value)] as const),
})

test('an event that cannot be written is a dead letter, said once, and leaves nothing behind', () => {
  const ledger = newLedger(0)
  const staged = stage(deps, 0, nothingSeen, ledger)
  staged.add(record(0, statements.part_attempt!))
  staged.add(record(1, statements.page_viewed!))
  staged.add(record(2, statements.activity_attempt!))
  expect(staged.outputs.map(({ topic, records }) => [topic, records.length])).toEqual([
    ['events.attempt.g1', 2],
    ['dead-letters.g1', 1],
  ])
  const [letter] = staged.outputs[1]!.records
  const told = Object.fromEntries(letter!.headers as [string, string][])
  expect(told).toMatchObject({ code: 'unforeseen', reason: 'its event cannot be written (TypeError)', partition: '0', offset: '1' })
  expect(letter!.value!.toString()).toBe(statements.page_viewed)
  expect(staged.seenKeys).toHaveLength(2)
  expect(JSON.stringify(said)).toMatch(/"offset":1/)
  expect(JSON.stringify(said)).not.toMatch(/the learner said/)
  const [total] = toRouteLedger(ledger)
  expect(total).toMatchObject({ events: { part_attempt: 1, activity_attempt: 1 }, deadLetters: { unforeseen: 1 } })
})

test('what a header says is carried on, as far as a header of ours would go', () => {
  const staged = stage(deps, 0, nothingSeen, newLedger(0))
  const long = 'x'.repeat(100_000)
  staged.add(
    record(0, statements.part_attempt!, [
      [headers.source, 's3://first#1'],
      [headers.source, `s3://${long}`],
      [headers.received, '2025-01-01T00:00:00Z'],
      ['more', long],
    ]),
  )
  expect(staged.outputs[0]!.records[0]!.headers).toEqual([
    [headers.id, expect.any(String)],
    [headers.at, '2025-02-03T04:05:06Z'],
    [headers.src, '0/0'],
    [headers.source, `s3://${long}`.slice(0, 4096)],
    [headers.received, '2025-01-01T00:00:00Z'],
  ])
})

test.each([
  ['as it is', 'y'.repeat(60_000), [headers.source, headers.assignedId, 'more', 'more']],
  ['without what means nothing when that is beyond measure', 'y'.repeat(70_000), [headers.source, headers.assignedId]],
])('a misplaced record is moved %s', (_, more, kept) => {
  const two = { ...deps, partitions: 2 }
  const moved = [0, 1].flatMap(partition => {
    const staged = stage(two, partition, nothingSeen, newLedger(partition))
    staged.add(
      record(7, statements.part_attempt!, [
        [headers.source, 's'],
        [headers.assignedId, 'a'],
        ['more', more],
        ['more', ''],
      ]),
    )
    return staged.misplaced.map(({ records }) => [partition, records] as const)
  })
  expect(moved).toHaveLength(1)
  const [[from, records]] = moved as [(typeof moved)[0]]
  expect(records[0]!.headers!.map(([name]) => name)).toEqual([...kept, headers.placed])
  expect(records[0]!.headers!.at(-1)).toEqual([headers.placed, `${from}/7`])
})

test('a batch is full by what comes in, by what is made of it, and by the ids that it has to remember', () => {
  const added = (commitBytes: number, texts: Iterable<string>) => {
    const staged = stage({ ...deps, commitBytes }, 0, nothingSeen, newLedger(0))
    for (const text of texts) {
      if (staged.full) break
      staged.add(record(staged.records, text))
    }
    return staged
  }
  const part = statements.part_attempt!
  expect(added(part.length * 10, Array(20).fill(part)).records).toBe(10)
  function* attributed() {
    for (let n = 0; ; n++)
      yield edited(
        edited(statements.page_attempt!, context('page_attempt_guid'), `pa-${n}`),
        context('experiment_attributions'),
        Array.from({ length: 100 }, (_, i) => i),
      )
  }
  // 101 events of over 100 bytes from about 1,500.
  expect(added(100_000, attributed()).records).toBe(34)
  expect(added(100_000_000, attributed()).seenKeys.length).toBeGreaterThanOrEqual(64 * 1024)
})
