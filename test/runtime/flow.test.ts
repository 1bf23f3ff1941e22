/** What is in flight is bounded: who cannot hand on does not fetch, and transactions are as large as there is need. */
import { readPartition } from '../../runtime/read-partition.js'
import type { Services } from '../../runtime/services.js'
import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { type EventTopicId, topicName } from '../../schemas/topics.js'
import { countingLog } from '../driver/fetched.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { deadLettersOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const one = { PARTITIONS: '1', COMMIT_MS: '1000' }

async function send(world: World, topic: 'xapi' | EventTopicId, values: readonly (string | Buffer)[]): Promise<number> {
  const writer = await world.services.log.writer()
  const records = values.map(value => ({ key: null, value: Buffer.from(value) }))
  const [appended] = await writer.send([{ topic: topicName(topic, world.services.naming), partition: 0, records }])
  await writer.close()
  return appended!.last + 1
}

/** Positions after each of route's transactions. */
async function committed(world: World): Promise<number[]> {
  const positions: number[] = []
  const topic = topicName('route-seen', world.services.naming)
  await readPartition(world.services.log, topic, 0, record => void positions.push(decodeRouteSeen(record.value!).position))
  return positions
}

const routedTo = (world: World, end: number) =>
  until(world, `route to reach ${end}`, 60, async () => ((await committed(world)).at(-1) === end ? true : null))

const passing = async (world: World, ms: number) => {
  const began = world.services.clock.now()
  await until(world, 'time to pass', 60, () => world.services.clock.now() - began >= ms || null)
}

test('behind, a transaction of route is as large as COMMIT_BYTES; live it is as old as COMMIT_MS; with nothing to do there is none', async () => {
  const world = await makeMemoryWorld({ ...one, COMMIT_BYTES: '100000', FETCH_BYTES: '20000' })
  const backlog = statements(0, 600, { padding: 500 })
  const sizes = backlog.map(text => Buffer.byteLength(text))
  await send(world, 'xapi', backlog)
  // Time stands still while it is behind: on a slow machine COMMIT_MS would pass before COMMIT_BYTES are there.
  const { clock } = world.services
  let still: number | null = clock.monotonic()
  const between = (services: Services) => ({ ...services, clock: { ...clock, monotonic: () => still ?? clock.monotonic() } })
  startRoles(world, { roles: ['route'], between })
  await until(world, 'four full transactions', 60, async () => ((await committed(world)).length >= 4 ? true : null))
  still = null
  await routedTo(world, backlog.length)
  const behind = await committed(world)
  const bytes = behind.map((position, i) => sizes.slice(behind[i - 1] ?? 0, position).reduce((sum, size) => sum + size, 0))
  expect(Math.min(...bytes.slice(0, 4))).toBeGreaterThanOrEqual(100_000)
  expect(Math.max(...bytes)).toBeLessThan(100_000 + 20_000 + 2 * Math.max(...sizes))

  const began = world.services.clock.now()
  let end = 0
  for (let n = 0; n < 25; n++) {
    end = await send(world, 'xapi', [statement(1000 + n)])
    await world.services.clock.sleep(200)
  }
  await routedTo(world, end)
  const live = (await committed(world)).length - behind.length
  expect(live).toBeGreaterThan(1)
  expect(live).toBeLessThanOrEqual((world.services.clock.now() - began) / 1000 + 1)

  const marks = () =>
    Promise.all(
      (['route-seen', 'route-ledger', 'events.video', 'dead-letters'] as const).map(topic =>
        world.services.log.watermarks(topicName(topic, world.services.naming), [0]),
      ),
    )
  const idle = await marks()
  await passing(world, 10_000)
  expect(await marks()).toEqual(idle)
})

test('a record that cannot be understood costs one dead letter: nobody is held up, nothing is tried again', async () => {
  const world = await makeMemoryWorld(one)
  startRoles(world, { roles: ['route'] })
  const poison = [Buffer.from([0xff, 0xfe]), '{"half', '[]', '{"__proto__": {"a": 1}}', `${'['.repeat(100_000)}`]
  const end = await send(world, 'xapi', [statement(0), ...poison, statement(1)])
  await routedTo(world, end)
  expect(await deadLettersOf(world)).toHaveLength(poison.length)
  expect(world.said.filter(text => text.includes('task stopped'))).toEqual([])
})

function gate(): { hanging: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const hanging = new Promise<void>(resolve => {
    open = resolve
  })
  return { hanging, open }
}

describe('a sink that cannot hand on', () => {
  const lines = 4000
  const small = { ...one, PIECE_BYTES: '10000', FETCH_BYTES: '10000' }
  const mostAhead = 100_000

  /** A dataset that has joined, a sink whose readings are counted, and events that have just come. */
  async function joined(between: Parameters<typeof startRoles>[1] & object) {
    const world = await makeMemoryWorld(small)
    const fetched = new Map<string, number>()
    startRoles(world, { roles: ['route', 'publish'] })
    startRoles(world, {
      roles: ['sink'],
      ...between,
      between: services => ({ ...(between.between?.(services) ?? services), log: countingLog(services.log, fetched) }),
    })
    await world.apply({ id: 'films', kind: 'video' })
    await world.complete('films')
    return { world, read: () => fetched.get(topicName('events.video', world.services.naming)) ?? 0 }
  }

  const storedBytes = async (world: World) => {
    let bytes = 0
    await readPartition(world.services.log, topicName('events.video', world.services.naming), 0, record => {
      bytes += record.value?.length ?? 0
    })
    return bytes
  }

  test('because S3 hangs fetches no more than it may hold, and goes on when S3 does', async () => {
    const { hanging, open } = gate()
    let waiting = 0
    const { world, read } = await joined({
      store: store => ({
        ...store,
        async create(...args) {
          if (args[1].startsWith('films/g2-')) {
            waiting++
            await hanging
          }
          return store.create(...args)
        },
      }),
    })
    world.atEnd(async () => open())
    await routedTo(world, await send(world, 'xapi', statements(0, lines)))
    await until(world, 'the sink to wait for S3', 30, () => waiting > 0 || null)
    await passing(world, 5_000)
    const held = read()
    expect(held).toBeLessThan(mostAhead)
    expect(await storedBytes(world)).toBeGreaterThan(2 * mostAhead)
    await passing(world, 5_000)
    expect(read()).toBe(held)
    open()
    const manifest = await world.complete('films')
    expect(manifest.counts.rows).toBe(lines / 2)
  })

  test('because the registry hangs fetches no more', async () => {
    const { hanging, open } = gate()
    let asked = 0
    const { world, read } = await joined({
      between: services => ({
        ...services,
        registry: {
          ...services.registry,
          async schema() {
            asked++
            await hanging
            return null
          },
        },
      }),
    })
    world.atEnd(async () => open())
    // Of a schema that nobody here knows, as by a newer release.
    await send(world, 'events.video', [Buffer.from([0, 0, 0, 99, 99, 1])])
    await routedTo(world, await send(world, 'xapi', statements(0, lines)))
    await until(world, 'the sink to ask the registry', 30, () => asked > 0 || null)
    await passing(world, 5_000)
    const held = read()
    expect(held).toBeLessThan(mostAhead)
    expect(await storedBytes(world)).toBeGreaterThan(2 * mostAhead)
    await passing(world, 5_000)
    expect([read(), asked]).toEqual([held, 1])
  })
})
