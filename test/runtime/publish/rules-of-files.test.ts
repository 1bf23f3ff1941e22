import { readManifest } from '../../../runtime/datasets/read.js'
import { citation } from '../../../sinks/citation.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { publish } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

test('a manifest and its citation say which files another release has made, by other rules', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '2' })
  const older = topology.formats.map(format => ({ ...format, rules: format.rules - 1 }))
  const { rules } = topology.formats.find(({ kind }) => kind === 'page_viewed')!
  const tell = (from: number) =>
    publish(
      world,
      Array.from({ length: 50 }, (_, n) => statement(from + n, {}, 'page_viewed')),
    )
  const run = async (formats: typeof topology.formats) => {
    const stop = startRoles(world, { roles: ['route', 'sink', 'publish'], formats })
    await world.complete('pages')
    await stop()
    return (await readManifest(world.services, 'pages'))!
  }
  await tell(0)
  await world.apply({ id: 'pages', kind: 'page_viewed' })
  const before = await run(older)
  expect([before.producedBy.rules, new Set(before.files.map(file => file.rules))]).toEqual([rules - 1, new Set([undefined])])
  await tell(50)
  const after = await run(topology.formats)
  expect(after.producedBy.rules).toBe(rules)
  const first = new Set(before.files.map(file => file.key))
  expect(after.files.length).toBeGreaterThan(first.size)
  for (const file of after.files) expect([file.key, file.rules]).toEqual([file.key, first.has(file.key) ? rules - 1 : undefined])
  expect(citation(after)).toContain(`rules ${rules - 1} and ${rules},`)
})
