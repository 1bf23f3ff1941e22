import type { BackfillRequest } from '../../../runtime/backfill/request.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'
import { claimWholeSection } from '../../verify/claim.js'

const lines = (section: number, kind: 'part_attempt' | 'video_played', from: number) =>
  jsonl(Array.from({ length: 5 }, (_, i) => statement(from + i, { section }, kind)))

/** Attempts in two sections, videos in one of them. */
const history = [
  { key: torusKey(145, 'attempt_evaluated', 0), body: lines(145, 'part_attempt', 0) },
  { key: torusKey(145, 'video', 1), body: lines(145, 'video_played', 10) },
  { key: torusKey(146, 'attempt_evaluated', 2), body: lines(146, 'part_attempt', 20) },
]
const specs = {
  attempts: { kind: 'attempt_evaluated', section_ids: [145] },
  videos: { kind: 'video', section_ids: [145] },
  learners: { kind: 'learners', section_ids: [145] },
  both: { kind: 'attempt_evaluated', section_ids: [145, 146] },
  everywhere: { kind: 'attempt_evaluated' },
}
type Histories = Readonly<Record<keyof typeof specs, string>>

async function pour(): Promise<World> {
  const world = await makeMemoryWorld()
  await world.put(history)
  startRoles(world)
  for (const [id, spec] of Object.entries(specs)) await world.apply({ id, ...spec })
  return world
}

/** By dataset its sections with their histories, and `complete` where the manifest says through when. */
async function histories(world: World): Promise<Histories> {
  const said = Object.keys(specs).map(async id => {
    const { sections, completeThrough } = await world.complete(id)
    const each = sections.map(({ section, history }) => `${section} ${history}`).sort()
    return [id, [...each, ...(completeThrough === null ? [] : ['complete'])].join(', ')] as const
  })
  return Object.fromEntries(await Promise.all(said)) as unknown as Histories
}

const nothing: Histories = {
  attempts: '145 none',
  videos: '145 none',
  learners: '145 none',
  both: '145 none, 146 none',
  everywhere: '145 none',
}

const cases: readonly (readonly [string, Partial<BackfillRequest>, Partial<Histories>])[] = [
  ['a category of a section', { sections: ['145'], prefix: null, categories: ['video'] }, { videos: '145 loaded, complete' }],
  ['uploads of a part of the time', { sections: ['145'], prefix: null, until: Date.UTC(2025, 1, 1, 0, 0, 30) }, {}],
  ['uploads from a time on', { sections: ['145'], prefix: null, since: Date.UTC(2000, 0, 1) }, {}],
  ['a part of the names in a folder', { prefix: 'section/145/video/2025-02' }, {}],
  ['a folder', { prefix: 'section/145/video/' }, { videos: '145 loaded, complete' }],
  [
    'a section without one of its categories named',
    { sections: ['145'], prefix: null },
    {
      attempts: '145 loaded, complete',
      videos: '145 loaded, complete',
      learners: '145 loaded, complete',
      both: '145 loaded, 146 none',
      everywhere: '145 loaded, complete',
    },
  ],
  [
    'two sections, of which one has nothing in this category',
    { sections: ['145', '146'], prefix: null, categories: ['video'] },
    { videos: '145 loaded, complete' },
  ],
  [
    'a prefix with whole sections',
    { prefix: 'section/14' },
    {
      attempts: '145 loaded, complete',
      videos: '145 loaded, complete',
      learners: '145 loaded, complete',
      both: '145 loaded, 146 loaded, complete',
      everywhere: '145 loaded, 146 loaded, complete',
    },
  ],
]

test.each(cases)('a backfill of %s loads the history of that, and of nothing else', async (_, request, loaded) => {
  const world = await pour()
  await world.backfill(request)
  expect(await histories(world)).toEqual({ ...nothing, ...loaded })
})

test('categories that are loaded one by one are loaded, and none goes back when a part is read again', async () => {
  const world = await pour()
  for (const category of ['video', 'attempt_evaluated']) await world.backfill({ sections: ['145'], prefix: null, categories: [category] })
  await world.backfill({ sections: ['145'], prefix: null, since: Date.UTC(2000, 0, 1), again: true })
  // Nobody knows which other folders the section has, so what needs all of them is not complete.
  const each = { attempts: '145 loaded, complete', videos: '145 loaded, complete', everywhere: '145 loaded, complete' }
  expect(await histories(world)).toEqual({ ...nothing, ...each, both: '145 loaded, 146 none' })
  // What was read in parts is loaded by a run over the whole of it, which reads nothing twice.
  expect(await world.backfill({ sections: ['145'], prefix: null })).toMatchObject({ objects: 0, skipped: 2 })
  expect(await histories(world)).toMatchObject({ learners: '145 loaded, complete' })
})

test('where paths name no section, those of the statements that were read are loaded, also when an earlier run has read them', async () => {
  const world = await makeMemoryWorld()
  await world.put([
    { key: 'export/all.jsonl', body: Buffer.concat([lines(145, 'part_attempt', 0), Buffer.from('\n'), lines(7, 'part_attempt', 10)]) },
  ])
  startRoles(world)
  await world.apply({ id: 'read', kind: 'attempt_evaluated', section_ids: [7, 145] })
  await world.apply({ id: 'not-read', kind: 'attempt_evaluated', section_ids: [145, 146] })
  const said = async (id: string) => (await world.complete(id)).sections.map(({ section, history }) => `${section} ${history}`).sort()
  await world.backfill({ prefix: 'export/', since: 1 })
  expect(await said('read')).toEqual(['145 none', '7 none'])
  expect(await world.backfill({ prefix: 'export/' })).toMatchObject({ objects: 0, skipped: 1 })
  expect(await said('read')).toEqual(['145 loaded', '7 loaded'])
  expect(await said('not-read')).toEqual(['145 loaded', '146 none'])
})

test('a backfill that finds nothing says so, and leaves no run behind that could load anything', async () => {
  const world = await pour()
  await expect(world.backfill({ prefix: 'sectoin/' })).rejects.toMatchObject({ code: 'NOTHING_TO_READ' })
  expect(await histories(world)).toMatchObject({ attempts: '145 none', both: '145 none, 146 none' })
})

test('verify finds a manifest that calls a history loaded which no run has read', async () => {
  const world = await makeMemoryWorld()
  await world.put(history)
  startRoles(world)
  await world.backfill({ sections: ['145'], prefix: null, categories: ['video'] })
  await world.apply({ id: 'videos', ...specs.videos })
  await world.complete('videos')
  expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
  await claimWholeSection(world, '145')
  const claimed = ['attempts', 'learners'] as const
  for (const id of claimed) {
    await world.apply({ id, ...specs[id] })
    expect(await world.complete(id)).toMatchObject({ sections: [{ history: 'loaded' }] })
  }
  const { problems } = await world.verify()
  expect(problems).toEqual(claimed.map(id => expect.stringMatching(`^dataset ${id}: section 145 is called loaded, but no backfill run`)))
})
