import type { Log } from '../../../runtime/log.js'
import { memoryLog } from '../../../runtime/memory/memory-log.js'
import { isTributaryError } from '../../../schemas/errors.js'

const limits = { maxWaitMs: 0, maxBytes: 1_000_000, maxBytesPerPartition: 1_000_000 }
const records = (...values: string[]) => values.map(value => ({ key: Buffer.from('k'), value: Buffer.from(value) }))

async function withTopic() {
  const log = memoryLog()
  await log.createTopics([{ name: 't', partitions: 4, replication: 1, config: {} }])
  return log
}

async function valuesOf(log: Log): Promise<string[]> {
  const [fetched] = await log.reader().fetch([{ topic: 't', partition: 0, offset: 0 }], limits)
  return fetched!.records.map(r => r.value!.toString())
}

test.each([
  ['commit.before', []],
  ['commit.after', ['v']],
  ['send.before', []],
  ['send.after', []],
] as const)('a failure at %s leaves %j, and the writer recovers', async (point, seen) => {
  const log = await withTopic()
  const writer = await log.claim('w')
  log.fail(point)
  const work = writer.send([{ topic: 't', partition: 0, records: records('v') }]).then(() => writer.commit())
  expect(isTributaryError(await work.catch((e: unknown) => e), 'KAFKA_UNREACHABLE')).toBe(true)
  await expect(writer.commit()).rejects.toThrow('recover comes first')
  await writer.recover()
  expect(await valuesOf(log)).toEqual(seen)
  await writer.send([{ topic: 't', partition: 0, records: records('next') }])
  await writer.commit()
  expect(await valuesOf(log)).toEqual([...seen, 'next'])
})

test.each([
  ['before it is asked for', ['late', 'next']],
  ['after the writer has recovered', ['next']],
] as const)('a commit that was given up and arrives %s leaves %j', async (arrives, seen) => {
  let arrived = false
  let arrive: () => void = () => undefined
  const log = memoryLog({
    step(point, late) {
      if (point !== 'commit.before' || late === undefined || arrived) return
      arrive = late
      throw new Error('no answer')
    },
  })
  await log.createTopics([{ name: 't', partitions: 1, replication: 1, config: {} }])
  const writer = await log.claim('w')
  await writer.send([{ topic: 't', partition: 0, records: records('late') }])
  await expect(writer.commit()).rejects.toThrow('no answer')
  arrived = true
  if (arrives === 'before it is asked for') arrive()
  await writer.recover()
  await writer.send([{ topic: 't', partition: 0, records: records('next') }])
  // The next transaction is open: it is not the one that the late request meant.
  expect(arrive).toThrow('epoch')
  expect(await valuesOf(log)).toEqual(seen.slice(0, -1))
  await writer.commit()
  expect(await valuesOf(log)).toEqual(seen)
})

test('each point is a step that a scheduler sees', async () => {
  const steps: string[] = []
  const log = memoryLog({ step: point => void steps.push(point) })
  await log.createTopics([{ name: 't', partitions: 1, replication: 1, config: {} }])
  const writer = await log.claim('w')
  await writer.send([{ topic: 't', partition: 0, records: records('v') }])
  await writer.commit()
  expect(steps).toEqual(['claim', 'send', 'commit'].flatMap(name => [`${name}.before`, `${name}.after`]))
})

test('a position before what is still held is lost', async () => {
  const log = await withTopic()
  const writer = await log.writer()
  await writer.send([{ topic: 't', partition: 0, records: records('a', 'b', 'c') }])
  log.truncate('t', 0, 2)
  const [lost] = await log.reader().fetch([{ topic: 't', partition: 0, offset: 1 }], limits)
  expect([lost!.lost, lost!.records.length]).toEqual([{ low: 2, high: 3 }, 0])
  const [held] = await log.reader().fetch([{ topic: 't', partition: 0, offset: 2 }], limits)
  expect(held!.records.map(r => r.offset)).toEqual([2])
})

test('an expelled member learns it late; meanwhile another has its partitions', async () => {
  const log = await withTopic()
  const events: string[] = []
  const join = (name: string) =>
    log.join('g', 't', {
      assigned: async partitions => void events.push(`${name} + ${partitions}`),
      revoked: async partitions => void events.push(`${name} - ${partitions}`),
      lost: () => void events.push(`${name} lost`),
    })
  const zombie = await join('zombie')
  const other = await join('other')
  const settled = () => new Promise(next => setTimeout(next, 5))
  await settled()
  expect(events).toEqual(['zombie + 0,1,2,3', 'zombie - 2,3', 'other + 2,3'])
  let wake: () => void = () => undefined
  await log.expel(
    zombie,
    new Promise<void>(resolve => {
      wake = resolve
    }),
  )
  expect(other.owned).toEqual([0, 1, 2, 3])
  expect([await zombie.confirm(), await other.confirm()]).toEqual([false, true])
  wake()
  await settled()
  expect(events.slice(3)).toEqual(['other + 0,1', 'zombie - 0,1', 'other - 0,1', 'zombie + 0,1'])
  await log.close()
  expect(events.slice(-2)).toEqual(['zombie lost', 'other lost'].sort().reverse())
})

test('a member that is expelled twice comes back once', async () => {
  const log = await withTopic()
  const told: string[] = []
  const member = await log.join('g', 't', {
    assigned: async partitions => void told.push(`+ ${partitions}`),
    revoked: async partitions => void told.push(`- ${partitions}`),
    lost: () => undefined,
  })
  const settled = () => new Promise<void>(next => setTimeout(next, 5))
  await settled()
  const awake = settled()
  await Promise.all([log.expel(member, awake), log.expel(member, awake)])
  expect(member.owned).toEqual([])
  await awake
  await settled()
  expect([told, member.owned]).toEqual([
    ['+ 0,1,2,3', '- 0,1,2,3', '+ 0,1,2,3'],
    [0, 1, 2, 3],
  ])
})

test('who replaces a dead member has its partitions at once', async () => {
  const log = await withTopic()
  const quiet = { assigned: async () => undefined, revoked: async () => undefined, lost: () => undefined }
  let deadId = ''
  const dead = await log.join('g', 't', { ...quiet, joined: id => (deadId = id) })
  const successor = await log.join('g', 't', quiet, deadId)
  expect([successor.owned, dead.owned, await dead.confirm()]).toEqual([[0, 1, 2, 3], [], false])
})

test('a handler that throws ends its membership, and the others go on', async () => {
  const log = await withTopic()
  const lost: unknown[] = []
  await log.join('g', 't', {
    assigned: () => Promise.reject(new Error('no')),
    revoked: async () => undefined,
    lost: error => void lost.push(error),
  })
  const other = await log.join('g', 't', { assigned: async () => undefined, revoked: async () => undefined, lost: () => undefined })
  await new Promise(next => setTimeout(next, 5))
  expect(lost).toHaveLength(1)
  expect(other.owned).toEqual([0, 1, 2, 3])
})
