import { readManifest } from '../../../runtime/datasets/read.js'
import { indexKey } from '../../../sinks/naming.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { startRoles } from '../../driver/roles.js'
import { learnerState, stateWriter } from '../../driver/state-writer.js'
import { until } from '../../driver/until.js'

test('the page is of the revision that the manifest shows, which people count from 1', async () => {
  const world = await makeMemoryWorld()
  startRoles(world, { roles: ['route', 'sink', 'publish'] })
  const learners = await stateWriter(world, 'state.learners')
  await learners.write([learnerState(1), learnerState(2)])
  await world.apply({ id: 'another', kind: 'learners' })
  for (const [i, more] of [{}, { exclude_fields: ['host'] }, { exclude_fields: ['sessions'] }].entries()) {
    const revision = await world.apply({ id: 'all', kind: 'learners', ...more })
    await until(world, `revision ${i + 1}`, 60, async () => {
      const manifest = await readManifest(world.services, 'all')
      return (manifest?.revision === revision && manifest.counts.rows === 2) || null
    })
    expect((await readManifest(world.services, 'all'))!.revisionOrdinal).toBe(i + 1)
    // At once, not within a minute: files of the former revision will soon be gone.

    await until(world, 'its page', 60, async () => {
      const page = await world.services.store.get(world.services.config.datasetsBucket, indexKey('all'))
      return page?.toString().includes(`-r${revision}/`) || null
    })
  }
})
