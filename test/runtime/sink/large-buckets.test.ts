import { readManifest } from '../../../runtime/datasets/read.js'
import type { Manifest } from '../../../schemas/manifest.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { sessionState, stateWriter } from '../../driver/state-writer.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

/** The states are written by hand. */
const roles = ['route', 'sink', 'publish'] as const
const most = 2000
const hour = 3_600_000_000
const sessions = (learner: number, count: number) => Array.from({ length: count }, (_, i) => sessionState(learner, i * hour))

async function shows(world: World, rows: number): Promise<Manifest> {
  const { answer } = await until(world, `${rows} rows`, 60, async () => {
    const manifest = await readManifest(world.services, 'sessions')
    return manifest?.counts.rows === rows ? manifest : null
  })
  expect(new Set((await rowsOf(world, 'sessions')).rows).size).toBe(rows)
  expect((await world.verify()).problems).toEqual([])
  return answer
}

test('rows of one learner that do not fit into a file are in several, whatever their number', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1', BUCKET_BYTES: String(most) })
  const stop = startRoles(world, { roles })
  const writer = await stateWriter(world, 'state.sessions')
  const many = sessions(1, 400)
  await writer.write([...many, ...Array.from({ length: 30 }, (_, n) => sessionState(10 + n, 0))])
  // Rows of a width at which the bucket does not happen to be doubled here.
  await world.apply({ id: 'sessions', kind: 'sessions', dialect: 'torus' })
  const before = await shows(world, 430)
  const bytes = before.files.reduce((sum, file) => sum + file.bytes, 0)
  expect(Math.max(...before.files.map(file => file.bytes))).toBeLessThanOrEqual(most)
  // Neither does one learner part everybody's rows.
  expect(before.files.length).toBeLessThan((8 * bytes) / most)
  expect(before.files.filter(({ bucket }) => bucket?.part !== undefined).length).toBeGreaterThan(10)

  // A later session comes into the last file; one that goes leaves all before it as they are.
  await writer.write([sessionState(1, 400 * hour)])
  const later = await shows(world, 431)
  const fresh = (now: Manifest, then: Manifest) => now.files.filter(({ key }) => !then.files.some(file => file.key === key))
  expect(fresh(later, before).length).toBeLessThanOrEqual(2)

  await stop()
  startRoles(world, { roles })
  await writer.write([sessionState(1, 401 * hour)], many.slice(10))
  await shows(world, 42)
})
