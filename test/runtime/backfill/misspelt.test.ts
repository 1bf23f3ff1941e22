import { planBackfill } from '../../../runtime/backfill/backfill.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { statement } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'

async function pour(): Promise<World> {
  const world = await makeMemoryWorld()
  const key = (section: number, category: string) => ({
    key: torusKey(section, category, 0),
    body: jsonl([statement(section, { section })]),
  })
  await world.put([key(145, 'video'), key(145, 'attempt_evaluated'), key(146, 'attempt_evaluated')])
  return world
}
const says = (text: string) => ({ code: 'NOTHING_TO_READ', message: expect.stringContaining(text) as string })

test('a misspelt section or category is refused with the nearest names that exist', async () => {
  const world = await pour()
  const backfill = (sections: string[], categories: string[] = []) => world.backfill({ sections, prefix: null, categories })
  await expect(backfill(['1455'])).rejects.toMatchObject(says('nothing lies below section/1455/: section/ has 145/'))
  await expect(backfill(['145'], ['vidoe'])).rejects.toMatchObject(says('nothing lies below section/145/vidoe/: section/145/ has video/'))
  await expect(world.backfill({ prefix: 'sectoin/' })).rejects.toMatchObject(says('nothing lies below sectoin/: the bucket has section/'))
  await expect(world.backfill({ categories: ['vidoe'] })).rejects.toMatchObject(
    says('3 not taken: it is of another category (section/145/'),
  )
})

test('of several sections the one that is not there is named, and the others are read', async () => {
  const world = await pour()
  const request = {
    ...{ bucket: world.bucket, sections: ['145', '1466'], prefix: null, categories: [] },
    since: null,
    until: null,
    limitRate: null,
    again: false,
  }
  const empty = [{ prefix: 'section/1466/', folder: 'section/', names: ['146/'] }]
  expect(await planBackfill(world.services, topology.sources, request)).toMatchObject({ objects: 2, empty })
  expect(await world.backfill(request, { wait: false })).toMatchObject({ objects: 2, empty })
})

test('a section without one of the categories is no mistake', async () => {
  const world = await pour()
  const request = { sections: ['145', '146'], prefix: null, categories: ['video'] }
  expect(await world.backfill(request, { wait: false })).toMatchObject({ objects: 1, empty: [] })
})
