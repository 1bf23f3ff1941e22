import { readManifest } from '../../../runtime/datasets/read.js'
import type { LiveProgress } from '../../../schemas/dataset-files.js'
import { topicName } from '../../../schemas/topics.js'
import { deleteDataset } from '../../driver/garbage.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { homeOf } from '../../driver/produce.js'
import { recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { learnerState, sessionState, stateWriter } from '../../driver/state-writer.js'
import { statements } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

/** The states are written by hand. */
const roles = ['route', 'sink', 'publish'] as const

const people = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => learnerState(from + i))

async function keysOf(world: World, dataset: string): Promise<readonly string[]> {
  const manifest = await readManifest(world.services, dataset)
  return manifest?.files.map(file => file.key) ?? []
}

/** The rows of the dataset are those of these learners. */
async function shows(world: World, dataset: string, ids: readonly number[]): Promise<void> {
  const wanted = ids.map(String).sort()
  await until(world, `${dataset} to show ${wanted.length} learners`, 60, async () => {
    if ((await readManifest(world.services, dataset)) === null) return null
    const found = (await rowsOf(world, dataset)).rows.map(row => row.split(',')[0]!).sort()
    return JSON.stringify(found) === JSON.stringify(wanted) ? found : null
  })
}

async function tell(world: World, texts: readonly string[]): Promise<void> {
  const { log, naming } = world.services
  const writer = await log.writer()
  const topic = topicName('xapi', naming)
  await writer.send(texts.map(text => ({ topic, partition: homeOf(world, text), records: [{ key: null, value: Buffer.from(text) }] })))
  await writer.close()
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

test('a row per key; only files with a changed row are written again; what is covered is told by the positions', async () => {
  const world = await makeMemoryWorld({ BUCKET_BYTES: '2000' })
  startRoles(world, { roles })
  const learners = await stateWriter(world, 'state.learners')
  await world.apply({ id: 'all', kind: 'learners' })
  await world.apply({ id: 'one', kind: 'learners', section_ids: [145], ignored_student_ids: [4] })
  await tell(world, statements(0, 40))
  await learners.write(people(0, 60))
  await shows(world, 'all', range(0, 60))
  await shows(
    world,
    'one',
    range(0, 60).filter(n => n % 2 === 0 && n !== 4),
  )
  const before = await keysOf(world, 'all')
  expect(before.length).toBeGreaterThan(4)

  await learners.write([learnerState(7, { sessions: 9 })])
  await until(world, 'the changed row', 60, async () => ((await rowsOf(world, 'all')).rows.some(row => /^7,.*,9,/.test(row)) ? true : null))
  const after = await keysOf(world, 'all')
  expect(after.filter(key => !before.includes(key))).toHaveLength(1)
  expect(after).toHaveLength(before.length)

  // Nothing that was in `xapi` is missing, as the states say that they have it.
  await tell(world, statements(40, 60))
  await until(world, 'the events to be there', 60, async () => ((await world.verify()).ledger.events >= 60 ? true : null))
  await learners.write([])
  const manifest = await world.complete('all')
  expect(manifest.completeThrough).not.toBeNull()
  expect((await world.verify()).problems).toEqual([])
})

test('sessions that are joined to others leave their files; a changed spec is built beside the old one', async () => {
  const world = await makeMemoryWorld()
  startRoles(world, { roles })
  const sessions = await stateWriter(world, 'state.sessions')
  const [early, late] = [sessionState(1, 0), sessionState(1, 9_000_000)]
  await sessions.write([early, late, sessionState(2, 5)])
  await world.apply({ id: 'sessions', kind: 'sessions' })
  await shows(world, 'sessions', [1, 1, 2])
  await sessions.write([{ ...early, last: late.last }], [late])
  await shows(world, 'sessions', [1, 2])

  const [first] = await keysOf(world, 'sessions')
  await world.apply({ id: 'sessions', kind: 'sessions', exclude_fields: ['host'] })
  await until(world, 'the next revision', 60, async () => {
    const { head } = await rowsOf(world, 'sessions')
    return head.includes('host') ? null : head
  })
  await shows(world, 'sessions', [1, 2])
  expect(await keysOf(world, 'sessions')).not.toContain(first)
  expect((await world.verify()).problems).toEqual([])
})

test('a restarted sink writes nothing again that is right, and what changed while it was away', async () => {
  const world = await makeMemoryWorld({ BUCKET_BYTES: '2000' })
  const learners = await stateWriter(world, 'state.learners')
  const stop = startRoles(world, { roles })
  await world.apply({ id: 'all', kind: 'learners' })
  await learners.write(people(0, 60))
  await shows(world, 'all', range(0, 60))
  const before = await keysOf(world, 'all')
  await stop()

  await learners.write([learnerState(61)], [learnerState(3)])
  startRoles(world, { roles })
  await shows(world, 'all', [...range(0, 3), ...range(4, 60), 61])
  const after = await keysOf(world, 'all')
  expect(after.filter(key => !before.includes(key)).length).toBeLessThanOrEqual(2)
  expect((await world.verify()).problems).toEqual([])
})

test('of one that is deleted no progress is told any more, though it had no files', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  startRoles(world, { roles })
  const joins = async () =>
    (await recordsOf(world, 'dataset-files')).flatMap(({ key, value }) =>
      key!.toString() === 'P|live|0'
        ? [
            Object.keys((JSON.parse(value!.toString()) as LiveProgress).joined)
              .sort()
              .join(),
          ]
        : [],
    )
  await world.apply({ id: 'none', kind: 'sessions' })
  await until(world, 'it to join', 60, async () => (await joins()).includes('none') || null)
  await deleteDataset(world, 'none')
  const learners = await stateWriter(world, 'state.learners')
  await learners.write(people(0, 3))
  await world.apply({ id: 'all', kind: 'learners' })
  await shows(world, 'all', [0, 1, 2])
  expect(new Set(await joins())).toEqual(new Set(['none', 'all']))
})
