import type { Aggregate } from '../../processors/aggregate.js'
import { engagement } from '../../processors/engagement.js'
import type { FaultPoint } from '../../runtime/fault.js'
import { headerText } from '../../runtime/log.js'
import { openCodec } from '../../runtime/registry/codec.js'
import { positionKey } from '../../schemas/state-records.js'
import { type StateTopicId, topicName } from '../../schemas/topics.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { homeOf } from '../driver/produce.js'
import { recordsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { expectedStates, statesOf } from '../driver/states.js'
import type { World } from '../driver/world.js'

/** Two aggregates with a topic each, by halves of the one that there is. */
const half = (name: string, topic: StateTopicId): Aggregate => ({
  ...engagement,
  name,
  to: [topic],
  step: (input, memory) => ({ [topic]: engagement.step(input, memory)[topic] ?? [] }),
})
const old = half('old', 'state.learners')
const young = half('young', 'state.sessions')

const facts = 900
const env = { COMMIT_BYTES: '10000', FETCH_BYTES: '10000', PARTITIONS: '2' }

/** Next offset of an event topic, in the order in which an aggregate has written it. */
async function positionsIn(world: World, { name, to }: Aggregate, partition: number): Promise<number[]> {
  const records = (await recordsOf(world, to[0]!)).filter(record => record.partition === partition)
  const own = records.filter(({ key }) => key!.toString() === positionKey(name))
  const codec = await openCodec(world.services.registry, world.services.naming)
  return own.map(({ value }) => codec.decodePosition(value!).next['events.attempt'] ?? 0)
}

/** Kinds of the markers that were passed on. */
async function markersIn(world: World, { to }: Aggregate, partition: number): Promise<string[]> {
  const records = (await recordsOf(world, to[0]!)).filter(record => record.partition === partition)
  return records.filter(({ key }) => key!.toString().startsWith('marker|')).map(record => headerText(record, 'marker')!)
}

const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

async function run(point: FaultPoint | null) {
  const world = await makeMemoryWorld(env)
  startRoles(world, { roles: ['route', 'sink', 'publish'] })
  await world.put(uploads(1, 'all', statements(0, facts), 60))
  const stop = startRoles(world, { roles: ['aggregate'], aggregates: [old] })
  await world.backfill()
  await statesOf(world, [old])
  await stop()

  let passed = 0
  const fault = (at: FaultPoint) => {
    if (at === point && [1, 4].includes(++passed)) throw new Error(`injected at ${at}`)
  }
  startRoles(world, { roles: ['aggregate'], aggregates: [old, young], fault })
  const { log, naming } = world.services
  const writer = await log.writer()
  for (const line of statements(facts, facts + 20))
    await writer.send([
      { topic: topicName('xapi', naming), partition: homeOf(world, line), records: [{ key: null, value: Buffer.from(line) }] },
    ])
  await writer.close()
  const states = await statesOf(world, [old, young])
  expect(passed > 0).toBe(point !== null)
  return { world, states }
}

test.each<FaultPoint | null>([
  null,
  'aggregate.afterClaim',
  'aggregate.afterRestore',
  'aggregate.afterOutputs',
  'aggregate.afterCommit',
  'aggregate.afterMerge',
])(
  'a new aggregate begins at the beginning beside the others (broken at %s)',
  async point => {
    const { world, states } = await run(point)
    expect(states).toEqual(await expectedStates(world))
    for (let partition = 0; partition < 2; partition++) {
      const [theirs, own] = [await positionsIn(world, old, partition), await positionsIn(world, young, partition)]
      expect([theirs, own]).toEqual([ascending(theirs), ascending(own)])
      expect(own[0]).toBeLessThan(theirs.at(-1)! / 2)
      for (const aggregate of [old, young]) expect(await markersIn(world, aggregate, partition)).toEqual(['end', 'sealed'])
    }
  },
  60_000,
)
