import { discardLetters } from '../../../runtime/dead-letters/discard.js'
import { undecided } from '../../../runtime/dead-letters/letter-states.js'
import { everyLetter, type LetterChoice, letterTable } from '../../../runtime/dead-letters/letter-table.js'
import { listLetters } from '../../../runtime/dead-letters/list-letters.js'
import { refusedAgain, replayLetters } from '../../../runtime/dead-letters/replay.js'
import { showLetter } from '../../../runtime/dead-letters/show-letter.js'
import { parseFilter } from '../../../runtime/inspect/record-filter.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import { deadLetterId } from '../../../schemas/dead-letter-id.js'
import { headers } from '../../../schemas/headers.js'
import { decisionsTransactionalId, topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { append, nextMillisecond, publish } from '../../driver/publish.js'
import { deadLettersOf, recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const by = 'tester'
let refused = 0
const never = new AbortController().signal
const replay = (world: World, choice: Partial<LetterChoice> = {}, options: { anyway?: boolean; dryRun?: boolean } = {}) =>
  replayLetters(world.services, { ...everyLetter, states: undecided, ...choice }, { by, anyway: false, dryRun: false, ...options }, never)
const discard = (world: World, reason: string | null, choice: Partial<LetterChoice> = {}) =>
  discardLetters(world.services, { ...everyLetter, ...choice }, { by, reason, dryRun: false })
const statesOf = async (world: World) =>
  Object.fromEntries((await letterTable(world.services, everyLetter)).entries.map(({ id, state }) => [id, state]))

/** A letter as an earlier release may have left it: of a statement that the rules of now accept. What was refused is not in `xapi` any more. */
async function refusedBefore(
  world: World,
  text: string,
  source: string | null,
  more: readonly (readonly [string, string])[] = [],
): Promise<string> {
  await nextMillisecond(world)
  const place = { topic: `${world.services.naming.prefix}xapi`, partition: 1, offset: 1_000_000 + refused++ }
  const [, object = '', line = ''] = /^(.+)#(\d+)$/.exec(source ?? '') ?? []
  const id = deadLetterId(source === null ? place : { object, line: Number(line) })
  await append(world, 'dead-letters', place.partition, [
    {
      key: Buffer.from(id),
      value: Buffer.from(text),
      headers: [
        [headers.id, id],
        [headers.code, 'missing_key'],
        [headers.reason, 'the rules of then'],
        [headers.topic, place.topic],
        [headers.partition, String(place.partition)],
        [headers.offset, String(place.offset)],
        ...(source === null ? [] : [[headers.source, source] as const]),
        ...more,
      ],
    },
  ])
  return id
}

const source = 's3://bucket/section/1/x.jsonl#7'
const receivedAt = '2025-01-06T08:00:00.000Z'

test('a replay gives back the bytes, the source and the time of entry, in the right partition, and is remembered with them', async () => {
  const world = await makeMemoryWorld()
  const text = statement(3)
  const id = await refusedBefore(world, text, source, [
    [headers.received, receivedAt],
    [headers.assignedId, 'given'],
  ])
  const sum = await replay(world)
  expect(sum).toMatchObject({ selected: 1, replayed: [id], before: 0, left: [] })
  const records = (await recordsOf(world, 'xapi')).filter(record => record.value?.toString() === text)
  expect(records).toHaveLength(1)
  expect(records[0]!.key?.toString()).toBe('1|one.oli.test|3')
  expect(sum.ends[records[0]!.partition]).toBe(records[0]!.offset)
  expect(Object.fromEntries(records[0]!.headers.map(([name, value]) => [name, value.toString()]))).toEqual({
    source,
    received: receivedAt,
    'assigned-id': 'given',
    replay: id,
  })
  expect(await statesOf(world)).toEqual({ [id]: 'replayed' })
  const [decision] = await recordsOf(world, 'dead-letter-decisions')
  expect(JSON.parse(decision!.value!.toString())).toMatchObject({ state: 'replayed', by, xapi: { offset: records[0]!.offset } })
})

test('a second replay of the same letter does nothing', async () => {
  const world = await makeMemoryWorld()
  const id = await refusedBefore(world, statement(3), source)
  await replay(world)
  const before = (await recordsOf(world, 'xapi')).length
  expect(await replay(world)).toMatchObject({ selected: 0, replayed: [] })
  expect(await replay(world, { ids: [id.slice(0, 8)], states: null })).toMatchObject({ selected: 1, before: 1, replayed: [] })
  expect(await recordsOf(world, 'xapi')).toHaveLength(before)
})

test.each([
  ['send.before', 0],
  ['send.after', 0],
  ['commit.before', 0],
  ['commit.after', 1],
] as const)('broken at %s, it is published once in the end', async (point, published) => {
  const world = await makeMemoryWorld()
  const text = statement(3)
  await refusedBefore(world, text, source)
  const log = world.services.log as MemoryLog
  log.fail(point)
  await expect(replay(world)).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' })
  const count = async () => (await recordsOf(world, 'xapi')).filter(record => record.value?.toString() === text).length
  expect(await count()).toBe(published)
  await replay(world)
  expect([await count(), Object.values(await statesOf(world))]).toEqual([1, ['replayed']])
})

test.each([[null], ['commit.after']] as const)(
  'what a broker left open of it is ended before the command ends, broken at %s',
  async point => {
    const world = await makeMemoryWorld()
    const text = statement(3)
    await refusedBefore(world, text, source)
    const log = world.services.log as MemoryLog
    log.broker.transactions.passOver = partitions => partitions
    if (point !== null) log.fail(point)
    await replay(world).catch(error => expect([point, error.code]).toEqual(['commit.after', 'KAFKA_UNREACHABLE']))
    expect(log.broker.transactions.outages).toBe(1)
    const { config, naming } = world.services
    for (const topic of ['xapi', 'dead-letter-decisions'] as const)
      for (const { stable, high } of (await log.watermarks(topicName(topic, naming), [...Array(config.partitions).keys()])).values())
        expect([topic, stable]).toEqual([topic, high])
    expect((await recordsOf(world, 'xapi')).filter(record => record.value?.toString() === text)).toHaveLength(1)
    expect(Object.values(await statesOf(world))).toEqual(['replayed'])
  },
)

test('of two that replay at once the earlier one is stopped before it writes anything', async () => {
  const world = await makeMemoryWorld()
  await refusedBefore(world, statement(3), source)
  const log = world.services.log as MemoryLog
  const claim = log.claim.bind(log)
  let overtaken = false
  // Between its claim and its first record somebody else claims.
  log.claim = async id => {
    const tx = await claim(id)
    if (!overtaken) {
      overtaken = true
      await claim(decisionsTransactionalId(world.services.naming))
    }
    return tx
  }
  await expect(replay(world)).rejects.toMatchObject({ code: 'FENCED' })
  expect(Object.values(await statesOf(world))).toEqual(['open'])
})

test('what the rules still refuse is left and named, and replayed only if that is asked for', async () => {
  const world = await makeMemoryWorld()
  const still = await refusedBefore(world, '{"no":"statement"}', source)
  const fine = await refusedBefore(world, statement(3), null)
  const would = await replay(world, {}, { dryRun: true })
  expect([would.replayed, would.left.map(({ id, why }) => [id, why])]).toEqual([
    [fine],
    [[still, expect.stringMatching(/^still refused: missing_key/)]],
  ])
  expect(Object.values(await statesOf(world))).toEqual(['open', 'open'])
  expect((await replay(world)).replayed).toEqual([fine])
  expect((await replay(world, {}, { anyway: true })).replayed).toEqual([still])
})

test('route counts a replay once, and one that is refused again is the same letter', async () => {
  const world = await makeMemoryWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const view = statement(11, { learners: 1_000_000 }, 'page_viewed')
  const spoilt = '{"spoilt"'
  await world.put([{ key: torusKey(1, 'all', 1), body: jsonl([spoilt, statement(3)]) }])
  await world.backfill()
  const [line] = await deadLettersOf(world)
  const [wrong] = await publish(world, [spoilt])
  const fixed = await refusedBefore(world, view, null)
  await until(world, 'the refusals', 30, async () => ((await deadLettersOf(world)).length === 3 ? true : null))
  const letters = await deadLettersOf(world)

  const { replayed } = await replay(world, {}, { anyway: true })
  expect(replayed).toHaveLength(3)
  await world.complete('views')
  await until(world, 'two to be refused again', 30, async () =>
    (await refusedAgain(world.services, everyLetter, replayed)).length === 2 ? true : null,
  )
  // No id more than before.
  expect((await deadLettersOf(world)).map(({ id }) => id)).toEqual(letters.map(({ id }) => id))
  const direct = deadLetterId({ topic: `${world.services.naming.prefix}xapi`, ...wrong! })
  expect(await statesOf(world)).toEqual({ [line!.id]: 'refused again', [direct]: 'refused again', [fixed]: 'replayed' })
  expect((await rowsOf(world, 'views')).rows).toHaveLength(2)

  // Again, as it is open again: the row is there once, the sums hold.
  await replay(world, {}, { anyway: true })
  await publish(world, [view])
  await world.complete('views')
  expect((await rowsOf(world, 'views')).rows).toHaveLength(2)
  const { problems, ledger } = await world.verify()
  expect([problems, ledger.duplicates]).toEqual([[], 1])
})

test('lines that are not all there are not replayed, and it is said how to get them', async () => {
  const world = await makeMemoryWorld({ MAX_STATEMENT_BYTES: '2000' })
  startRoles(world)
  await world.put([{ key: torusKey(1, 'all', 1), body: jsonl([statement(0, { padding: 5000 })]) }])
  await world.backfill()
  const sum = await replay(world, {}, { anyway: true })
  expect(sum.replayed).toEqual([])
  expect(sum.left[0]!.why).toMatch(/raise MAX_STATEMENT_BYTES, then `tributary backfill --bucket .* --prefix section\/1\/.* --again`/)
  expect((await showLetter(world.services, sum.left[0]!.id.slice(0, 6))).cannotReplay).toBe(sum.left[0]!.why)
})

test('of a record over the limit the bytes are taken from xapi, as long as they are there', async () => {
  const world = await makeMemoryWorld({ MAX_STATEMENT_BYTES: '2000' })
  startRoles(world)
  const long = `{"spoilt":"${'x'.repeat(70_000)}"`
  const [at] = await publish(world, [long])
  await until(world, 'the refusal', 30, async () => ((await deadLettersOf(world)).length === 1 ? true : null))
  expect((await recordsOf(world, 'dead-letters'))[0]!.value!.length).toBe(65_536)
  expect((await replay(world, {}, { anyway: true })).replayed).toHaveLength(1)
  const again = (await recordsOf(world, 'xapi')).filter(record => record.value?.length === long.length)
  expect(again).toHaveLength(2)
  await until(world, 'the refusal of the replay', 30, async () =>
    Object.values(await statesOf(world))[0] === 'refused again' ? true : null,
  )
  const log = world.services.log as MemoryLog
  log.truncate(`${world.services.naming.prefix}xapi`, at!.partition, again.at(-1)!.offset + 1)
  expect((await replay(world, {}, { anyway: true })).left[0]!.why).toContain('gone from xapi')
})

test('a discarded letter is seen and stays; other bytes in its place, or taking it back, open it again', async () => {
  const world = await makeMemoryWorld()
  const [a, b] = [await refusedBefore(world, '{"a"', source), await refusedBefore(world, '{"b"', null)]
  expect(await discard(world, 'a test system', { ids: [a] })).toEqual({ selected: 1, decided: [a] })
  expect(await statesOf(world)).toEqual({ [a]: 'discarded', [b]: 'open' })
  expect((await replay(world, {}, { anyway: true, dryRun: true })).replayed).toEqual([b])
  expect((await showLetter(world.services, a)).decision).toMatchObject({ state: 'discarded', reason: 'a test system', by })
  await refusedBefore(world, '{"a"', source)
  expect((await statesOf(world))[a]).toBe('discarded')
  await refusedBefore(world, '{"other"', source)
  expect((await statesOf(world))[a]).toBe('open')
  await discard(world, 'again', { ids: [a] })
  expect(await discard(world, null)).toEqual({ selected: 2, decided: [a] })
  expect((await statesOf(world))[a]).toBe('open')
})

test('the list: counts of all that are chosen, the newest first, repeats as one', async () => {
  const world = await makeMemoryWorld()
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push(await refusedBefore(world, `{"n":${n}`, `s3://bucket/section/${n % 2}/x.jsonl#${n}`))
  await refusedBefore(world, '{"n":0', 's3://bucket/section/0/x.jsonl#0')
  await discard(world, 'why', { ids: [ids[1]!] })
  const list = await listLetters(world.services, everyLetter, 2)
  expect([list.total, list.counts, list.letters.length]).toEqual([5, { missing_key: { open: 4, discarded: 1 } }, 2])
  expect(list.letters[0]).toMatchObject({ id: ids[0], refusals: 2, source: 's3://bucket/section/0/x.jsonl#0', reason: 'the rules of then' })
  const idsOf = async (choice: Partial<LetterChoice>) =>
    (await listLetters(world.services, { ...everyLetter, ...choice }, 9)).letters.map(({ id }) => id).sort()
  expect(await idsOf({ source: 's3://bucket/section/1/' })).toEqual([ids[1], ids[3]].sort())
  expect(await idsOf({ filter: parseFilter('"n\\":2"') })).toEqual([ids[2]])
  expect(await idsOf({ states: ['discarded'] })).toEqual([ids[1]])
  expect(await idsOf({ code: 'bad_value' })).toEqual([])
  expect(await idsOf({ since: world.services.clock.now() + 1000 })).toEqual([])
  await expect(idsOf({ ids: ['zz'] })).rejects.toThrow('there is no dead letter zz')
  await expect(idsOf({ ids: [''] })).rejects.toThrow('5 dead letters begin with')
})
