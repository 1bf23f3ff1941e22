import { readManifest } from '../../../runtime/datasets/read.js'
import { topicName } from '../../../schemas/topics.js'
import type { Format } from '../../../sinks/format.js'
import { manifestVersionsPrefix } from '../../../sinks/naming.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { homeOf } from '../../driver/produce.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

async function send(world: World, numbers: readonly number[]): Promise<void> {
  const { log, naming } = world.services
  const writer = await log.writer()
  for (const n of numbers) {
    const text = statement(n, { learners: 100 }, 'page_viewed')
    const records = [{ key: null, value: Buffer.from(text) }]
    await writer.send([{ topic: topicName('xapi', naming), partition: homeOf(world, text), records }])
  }
  await writer.close()
}

const rowsOf = async (world: World, dataset: string) => (await readManifest(world.services, dataset))?.counts.rows ?? -1

/** Counts manifests that are composed: each asks for the columns. */
function counted(): { readonly formats: readonly Format[]; composed: number } {
  const count = { composed: 0, formats: [] as Format[] }
  count.formats = topology.formats.map(format => ({
    ...format,
    render: (...given: Parameters<typeof format.render>) => {
      count.composed++
      return (format.render as (...args: typeof given) => ReturnType<typeof format.render>)(...given)
    },
  })) as Format[]
  return count
}

test('a manifest is composed when something has changed: what forty datasets cost does not follow how often they are looked at', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '2' })
  const ids = Array.from({ length: 40 }, (_, i) => `views-${i}`)
  startRoles(world, { roles: ['route', 'sink'] })
  const count = counted()
  startRoles(world, { roles: ['publish'], formats: count.formats })
  for (const id of ids) await world.apply({ id, kind: 'page_viewed', freshness: 600, section_ids: [id === 'views-7' ? '1' : 'none'] })
  await until(world, 'all datasets', 60, async () =>
    (await Promise.all(ids.map(id => rowsOf(world, id)))).every(rows => rows >= 0) ? true : null,
  )
  const before = count.composed
  // Eighty looks at forty datasets, while progress comes all the time.
  for (let second = 0; second < 20; second++) {
    await send(world, [second])
    await world.services.clock.sleep(1000)
  }
  expect(count.composed - before).toBeLessThanOrEqual(ids.length)
})

test('one number per freshness, however many partitions have new rows; what somebody waits for comes at once', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '4' })
  const { clock, store, config } = world.services
  const numbers = async () => {
    let found = 0
    for await (const _ of store.list(config.datasetsBucket, manifestVersionsPrefix('views'))) found++
    return found
  }
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed', freshness: 10 })
  await send(world, [1])
  await world.complete('views')
  const before = await numbers()
  const began = clock.monotonic()
  for (let n = 2; clock.monotonic() - began < 60_000; n += 4) {
    await send(world, [n, n + 1, n + 2, n + 3])
    await clock.sleep(1000)
  }
  const made = (await numbers()) - before
  expect(made).toBeGreaterThan(2)
  expect(made).toBeLessThanOrEqual((clock.monotonic() - began) / 10_000 + 1)
  await world.complete('views')
})
