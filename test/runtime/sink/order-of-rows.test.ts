import { createHash } from 'node:crypto'
import { readManifest } from '../../../runtime/datasets/read.js'
import { partitionOf } from '../../../schemas/partition.js'
import { pseudonym } from '../../../sinks/identity.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { startRoles } from '../../driver/roles.js'
import { learnerState, sessionState, stateWriter } from '../../driver/state-writer.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const partitions = 4
/** Everybody of section 145: what a class list says. */
const roster = Array.from({ length: 200 }, (_, i) => 4000 + 2 * i)
const keyOf = (name: number) => `145|torus.test|${name}`
const nameOf = (world: World, name: number) => pseudonym(Buffer.from(world.services.config.pseudonymKey), 'torus.test', String(name))

interface Published {
  readonly partition: number
  readonly bucket: { readonly index: number; readonly of: number }
  readonly rows: readonly string[]
}

/** What everybody sees who may see the dataset. */
async function filesOf(world: World, dataset: string, rows: number): Promise<readonly Published[]> {
  await until(world, `the rows of ${dataset}`, 60, async () => (await readManifest(world.services, dataset))?.counts.rows === rows || null)
  const { files } = (await readManifest(world.services, dataset))!
  const { store, config } = world.services
  return Promise.all(
    files.map(async ({ key, partition, bucket }) => {
      const text = (await store.get(config.datasetsBucket, key))!.toString()
      return { partition, bucket: bucket!, rows: text.trimEnd().split('\n').slice(1) }
    }),
  )
}

const unkeyed = (name: number) => createHash('sha256').update(keyOf(name)).digest()

test.each(['learners', 'sessions'] as const)(
  'of %s nobody is found by the order of rows, with a class list and without the key',
  async kind => {
    const world = await makeMemoryWorld({ PARTITIONS: String(partitions) })
    startRoles(world, { roles: ['route', 'sink', 'publish'] })
    const states = await stateWriter(world, `state.${kind}`)
    await world.apply({ id: 'anon', kind, anonymize: true })
    await world.apply({ id: 'named', kind, anonymize: 'ids' })
    await states.write(roster.map(n => (kind === 'learners' ? learnerState(n) : sessionState(n, n))))
    const named = await filesOf(world, 'named', roster.length)
    const right = { byHash: 0, byNamedDataset: 0, ordered: true }
    for (const { partition, rows } of await filesOf(world, 'anon', roster.length)) {
      const here = roster.filter(name => partitionOf(Buffer.from(keyOf(name)), partitions) === partition)
      const byHash = [...here].sort((a, b) => Buffer.compare(unkeyed(a), unkeyed(b)))
      const listed = named.filter(file => file.partition === partition).flatMap(file => file.rows)
      expect([rows.length, listed.length]).toEqual([here.length, here.length])
      for (const [i, row] of rows.entries()) {
        if (row.startsWith(nameOf(world, byHash[i]!))) right.byHash++
        if (row.startsWith(nameOf(world, Number(listed[i]!.split(',')[0])))) right.byNamedDataset++
      }
      // Then the order says what the rows say, and nothing else.
      right.ordered &&= JSON.stringify(rows) === JSON.stringify([...rows].sort())
    }
    // Blind guessing finds one of each file.
    expect({ ...right, byHash: right.byHash < 20, byNamedDataset: right.byNamedDataset < 20 }).toEqual({
      byHash: true,
      byNamedDataset: true,
      ordered: true,
    })
  },
)

test('which bucket a learner is in cannot be worked out from the name', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1', BUCKET_BYTES: '2000' })
  startRoles(world, { roles: ['route', 'sink', 'publish'] })
  const learners = await stateWriter(world, 'state.learners')
  await world.apply({ id: 'anon', kind: 'learners', anonymize: true })
  await learners.write(roster.map(n => learnerState(n)))
  const files = await filesOf(world, 'anon', roster.length)
  const { of } = files[0]!.bucket
  expect(of).toBeGreaterThanOrEqual(8)
  const right = roster.filter(name => {
    const bucket = Math.floor((unkeyed(name).readUInt16BE(0) / 65_536) * of)
    return files.some(file => file.bucket.index === bucket && file.rows.some(row => row.startsWith(nameOf(world, name))))
  })
  expect(right.length).toBeLessThan((roster.length / of) * 3)
})
