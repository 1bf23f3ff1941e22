import { readManifest } from '../../runtime/datasets/read.js'
import { parseManifest } from '../../schemas/manifest.js'
import { uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'

const facts = 1600
const hosts = ['one.oli.test', 'two.oli.test']

test('a dataset follows its spec: late, filtered, changed, published by numbers', async () => {
  const world = await makeWorld()
  const { store, config } = world.services
  startRoles(world)
  await world.put(hosts.flatMap((host, h) => uploads(7, `host-${h}`, statements(0, facts, { host, section: 7 }), 200)))
  await world.put(uploads(8, 'all', statements(0, facts, { section: 8 }), 200))
  await world.backfill()

  // Applied to a log that is full already.
  const spec = { id: 'films', kind: 'video', section_ids: [7], host: 'one.oli.test', sub_types: ['played', 'seeked'] }
  const revision = await world.apply(spec)
  const late = await world.complete('films')
  expect(late).toMatchObject({
    revision,
    generation: world.services.naming.generation,
    counts: { rows: countOf(0, facts, ['video_played', 'video_seeked']) },
  })
  expect(late.sections.map(({ section, history }) => [section, history])).toEqual([['7', 'loaded']])
  expect(late.completeThrough).not.toBeNull()
  const before = await rowsOf(world, 'films')

  // The same request in other words is no new one.
  expect(await world.apply({ ...spec, sub_types: ['seeked', 'played'] })).toBe(revision)

  // Changed: the old one stays to be seen until the new one is whole.
  const changed = await world.apply({ ...spec, exclude_fields: ['video_url'], ignored_student_ids: [3], page_ids: [26, 27] })
  expect(changed).toBeGreaterThan(revision)
  const seen = new Set<string>()
  await until(world, 'the new revision', 60, async () => {
    const manifest = (await readManifest(world.services, 'films'))!
    seen.add(`${manifest.revision}: ${manifest.counts.rows}`)
    return manifest.revision === changed ? true : null
  })
  const now = await world.complete('films')
  const after = await rowsOf(world, 'films')
  expect(after.head).not.toContain('video_url')
  expect(after.rows.length).toBeLessThan(before.rows.length)
  expect(after.rows).toHaveLength(expectedOfChanged())
  expect(seen).toEqual(new Set([`${revision}: ${before.rows.length}`, `${changed}: ${after.rows.length}`]))
  expect(now.files.every(file => file.key.startsWith(`films/g2-r${changed}/`))).toBe(true)

  // Every version has its number, none goes back, and manifest.json is the newest.
  const numbered = []
  for await (const { key } of store.list(config.datasetsBucket, 'films/manifests/')) {
    const parsed = parseManifest((await store.get(config.datasetsBucket, key))!.toString())
    if (!parsed.ok) throw new Error(`${key}: ${parsed.problem}`)
    expect(key).toBe(`films/manifests/${String(parsed.manifest.version).padStart(10, '0')}.json`)
    numbered.push(parsed.manifest)
  }
  expect(numbered.map(({ version }) => version)).toEqual(numbered.map((_, i) => i + 1))
  for (const [i, manifest] of numbered.entries())
    for (const [partition, folded] of Object.entries(numbered[i - 1]?.folded ?? {}))
      expect(manifest.folded[partition]).toBeGreaterThanOrEqual(folded)
  expect(await readManifest(world.services, 'films')).toEqual(numbered.at(-1))
  const page = (await store.get(config.datasetsBucket, 'films/index.html'))!.toString()
  expect(page).toContain('films')
  expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
})

/** Played and seeked (kinds 4 and 6 of 8) on the first two of five pages, without learner 3 of 40. */
function expectedOfChanged(): number {
  let rows = 0
  for (let n = 0; n < facts; n++) if ((n % 8 === 4 || n % 8 === 6) && n % 5 < 2 && n % 40 !== 3) rows++
  return rows
}
