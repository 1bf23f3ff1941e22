import { recordBlock } from '../../../commands/inspect-text.js'
import { type InspectRequest, inspect } from '../../../runtime/inspect/inspect.js'
import { parseFilter } from '../../../runtime/inspect/record-filter.js'
import { recordJson, type ShownRecord } from '../../../runtime/inspect/shown-record.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import { openCodec } from '../../../runtime/registry/codec.js'
import { isControlKey } from '../../../schemas/state-records.js'
import { topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { append, nextMillisecond, publish } from '../../driver/publish.js'
import { recordsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement, statements } from '../../driver/statements.js'
import { statesOf } from '../../driver/states.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

interface Shown {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly value: unknown
}

const nothing = { key: null, partition: null, from: null, to: null, filter: null, limit: null, follow: false }

async function shown(
  world: World,
  request: Partial<InspectRequest> & { topic: string },
  most = Number.POSITIVE_INFINITY,
): Promise<Shown[]> {
  const found: Shown[] = []
  const record = async (each: Parameters<typeof recordJson>[0]) => found.push(JSON.parse(recordJson(each)) as Shown) < most
  await inspect(world.services, { ...nothing, ...request }, { record, progress: () => undefined }, new AbortController().signal)
  return found
}

const offsets = (records: readonly Shown[]) => records.map(({ partition, offset }) => `${partition}/${offset}`)
const put = (world: World, topic: 'xapi' | 'sources' | 'state.learners', key: string | null, value: string | Buffer | null) =>
  append(world, topic, 0, [{ key: key === null ? null : Buffer.from(key), value: typeof value === 'string' ? Buffer.from(value) : value }])

test('the last records of all partitions in the order of appending, or those of one', async () => {
  const world = await makeMemoryWorld()
  const all: string[] = []
  for (const text of statements(0, 200)) {
    await nextMillisecond(world)
    for (const { partition, offset } of await publish(world, [text])) all.push(`${partition}/${offset}`)
  }
  expect(offsets(await shown(world, { topic: 'xapi' }))).toEqual(all.slice(-20))
  expect(offsets(await shown(world, { topic: 'xapi', limit: 3 }))).toEqual(all.slice(-3))
  expect(offsets(await shown(world, { topic: 'xapi', limit: 1000 }))).toEqual(all)
  expect(offsets(await shown(world, { topic: 'xapi', partition: 1, limit: 2 }))).toEqual(all.filter(at => at.startsWith('1/')).slice(-2))
  expect(offsets(await shown(world, { topic: 'xapi', from: { offset: 0 } }))).toEqual(all)
  expect(offsets(await shown(world, { topic: 'xapi', partition: 0, from: { offset: 5 }, to: { offset: 8 } }))).toEqual([
    '0/5',
    '0/6',
    '0/7',
  ])
  expect(offsets(await shown(world, { topic: 'xapi', from: { offset: 0 }, limit: 4 }))).toEqual(all.slice(0, 4))
  // Whoever has enough says so.
  expect(await shown(world, { topic: 'xapi', from: { offset: 0 } }, 2)).toHaveLength(2)
})

test('by time of appending', async () => {
  const world = await makeMemoryWorld()
  const first = await publish(world, statements(0, 10))
  await nextMillisecond(world)
  const time = world.services.clock.now()
  const then = await publish(world, statements(10, 20))
  expect(await shown(world, { topic: 'xapi', from: { time } })).toHaveLength(then.length)
  expect(await shown(world, { topic: 'xapi', to: { time } })).toHaveLength(first.length)
})

test('a key: straight to its partition, and only its records', async () => {
  const world = await makeMemoryWorld()
  await publish(world, statements(0, 120))
  const found = await shown(world, { topic: 'xapi', key: '1|one.oli.test|7', limit: 100 })
  expect(found.map(({ key }) => key)).toEqual(['1|one.oli.test|7', '1|one.oli.test|7', '1|one.oli.test|7'])
  expect(await shown(world, { topic: 'xapi', key: '1|one.oli.test|700' })).toEqual([])
})

test('a filter looks as far back as it must', async () => {
  const world = await makeMemoryWorld()
  await publish(world, [statement(1_000_000), ...statements(0, 700), statement(1_000_001)])
  const found = await shown(world, { topic: 'xapi', filter: parseFilter('"page-1000000" section_id=1') })
  expect(found).toHaveLength(1)
})

test('what is written is shown, as it was written', async () => {
  const world = await makeMemoryWorld()
  const odd = '{"b":1.0,"a":12345678901234567890}'
  await put(world, 'xapi', 'key', odd)
  await put(world, 'xapi', null, '<html>')
  await put(world, 'xapi', null, null)
  await append(world, 'xapi', 0, [{ key: Buffer.from([0xff]), value: Buffer.from([0x7b, 0xff]), headers: [['h', 'ä']] }])
  const lines: string[] = []
  const record = async (each: Parameters<typeof recordJson>[0]) => lines.push(recordJson(each)) > 0
  await inspect(world.services, { ...nothing, topic: 'xapi' }, { record, progress: () => undefined }, new AbortController().signal)
  expect(lines[0]).toContain(`"value":${odd}}`)
  expect(lines.map(line => (JSON.parse(line) as Shown).value).slice(1)).toEqual(['<html>', null, { base64: 'e/8=' }])
  expect(JSON.parse(lines[3]!)).toMatchObject({ key: '0xff', headers: { h: 'ä' } })
})

test('how far states are, and markers, are Avro like the states themselves', async () => {
  const world = await makeMemoryWorld()
  const codec = await openCodec(world.services.registry, world.services.naming)
  const marker = { kind: 'end', run: 'r', partition: 0 } as const
  await put(world, 'state.learners', 'position|engagement', codec.encodePosition({ next: { 'events.attempt': 7 } }))
  await put(world, 'state.learners', 'marker|r', codec.encodeMarker(marker))
  expect((await shown(world, { topic: 'state.learners' })).map(({ value }) => value)).toEqual([{ next: { 'events.attempt': 7 } }, marker])
})

test('a score of a state is explained beside it', async () => {
  const world = await makeMemoryWorld()
  startRoles(world, { roles: ['route', 'aggregate'] })
  await publish(world, [statement(1, {}, 'part_attempt')])
  await statesOf(world)
  const { key } = (await recordsOf(world, 'state.learners')).find(record => !isControlKey(record.key!.toString()))!
  const text: string[] = []
  const events = { record: async (each: ShownRecord) => text.push(recordBlock(each)) > 0, progress: () => undefined }
  await inspect(world.services, { ...nothing, topic: 'state.learners', key: key!.toString() }, events, new AbortController().signal)
  expect(text.join('')).toMatch(/"score": \d+,[\s\S]*\nscore, outOf in millionths of a point\n/)
})

test('only what is committed; compacted topics and control records are no hindrance', async () => {
  const world = await makeMemoryWorld()
  const log = world.services.log as MemoryLog
  for (let i = 0; i < 50; i++) await put(world, 'sources', `k${i % 3}`, `{"i":${i}}`)
  log.compact(topicName('sources', world.services.naming))
  expect((await shown(world, { topic: 'sources' })).map(({ value }) => value)).toEqual([{ i: 47 }, { i: 48 }, { i: 49 }])
  const topic = topicName('xapi', world.services.naming)
  const send = async (id: string, value: string) => {
    const tx = await log.claim(id)
    await tx.send([{ topic, partition: 0, records: [{ key: null, value: Buffer.from(value) }] }])
    return tx
  }
  await (await send('a', '"committed"')).commit()
  await (await send('b', '"aborted"')).abort()
  await send('c', '"open"')
  await put(world, 'xapi', null, '"behind"')
  expect((await shown(world, { topic: 'xapi' })).map(({ value }) => value)).toEqual(['committed'])
})

test('following: the last ones, then what comes, until the signal', async () => {
  const world = await makeMemoryWorld()
  await publish(world, statements(0, 30))
  const stop = new AbortController()
  const found: number[] = []
  const record = async (each: { valueBytes: number }) => found.push(each.valueBytes) > 0
  const request = { ...nothing, topic: 'xapi', follow: true, limit: 5 }
  const following = inspect(world.services, request, { record, progress: () => undefined }, stop.signal)
  await until(world, 'the last five', 10, () => (found.length === 5 ? true : null))
  await publish(world, statements(30, 40))
  await until(world, 'the ten that came', 10, () => (found.length === 15 ? true : null))
  stop.abort()
  await following
})

test('topics and partitions that are not there are named', async () => {
  const world = await makeMemoryWorld()
  await expect(shown(world, { topic: 'events.attempt.g7' })).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
  await expect(shown(world, { topic: 'xapi', partition: 2 })).rejects.toThrow('has partitions 0 to 1')
})
