import { manifestText } from '../../../commands/manifest-text.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { uploads } from '../../driver/objects.js'
import { startRoles } from '../../driver/roles.js'
import { statements } from '../../driver/statements.js'

test('a dataset of all sections names what was refused, also of lines that name no section', async () => {
  const world = await makeMemoryWorld()
  const stop = startRoles(world)
  await world.apply({ id: 'all', kind: 'page_viewed' })
  await world.apply({ id: 'one', kind: 'page_viewed', section_ids: [1] })
  await world.put(uploads(1, 'all', [...statements(0, 50), ...statements(0, 5), '{"no": "end"', '[]', '{}'], 20))
  await world.backfill()
  const [all, one] = [await world.complete('all'), await world.complete('one')]
  await stop()
  expect(all.counts).toMatchObject({ all: { duplicates: 5, refused: { invalid_json: 2, missing_key: 1 } }, sections: [] })
  expect(manifestText(all)).toMatch(/all +all +5 +invalid_json 2, missing_key 1/)
  expect(one.counts).not.toHaveProperty('all')
})
