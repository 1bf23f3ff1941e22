import { startInstance } from '../driver/instance.js'
import { uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const hosts = ['one.oli.test', 'two.oli.test']
const sections = [145, 146]
const perSection = 5000

/** Two hosts use the same section ids: 20,000 statements, a few of them twice, and a spoilt one per section. */
const objects = hosts.flatMap((host, h) =>
  sections.flatMap(section => {
    const lines = statements(0, perSection, { host, section, padding: 300 })
    const whole = [...lines, ...lines.slice(0, 50), `{"host": ${h}, "section": ${section}, cut`]
    return uploads(section, `host-${h}`, whole, 500)
  }),
)
const specs = [
  { id: 'attempts', kind: 'attempt_evaluated', anonymize: true },
  { id: 'videos', kind: 'video', host: 'one.oli.test', exclude_fields: ['video_url'] },
  { id: 'learners', kind: 'learners', freshness: 5 },
  { id: 'late', kind: 'attempt_evaluated', section_ids: [146], sub_types: ['part_attempt_evaluated'] },
] as const

/** What counts: rows, and what was refused, by code and line. */
async function outcome(world: World) {
  const datasets: Record<string, unknown> = {}
  for (const { id } of specs) {
    const { sha256, rows } = await rowsOf(world, id)
    datasets[id] = { sha256, rows: rows.length }
  }
  const refused = (await deadLettersOf(world)).map(({ code, source }) => `${code} ${source.slice(source.indexOf('section/'))}`)
  return { datasets, refused }
}

async function straight() {
  const world = await makeWorld({ partitions: 12 })
  await world.put(objects)
  startInstance(world)
  for (const spec of specs) await world.apply(spec)
  await world.backfill()
  for (const { id } of specs) await world.complete(id)
  return outcome(world)
}

test('kill -9 of one of two instances in mid-backfill changes no row', async () => {
  const world = await makeWorld({ partitions: 12 })
  await world.put(objects)
  const staying = startInstance(world)
  const dying = startInstance(world)
  for (const spec of specs.slice(0, -1)) await world.apply(spec)
  const lines = hosts.length * sections.length * (perSection + 51)
  // Slow enough to be killed in the middle of it.
  const running = world.backfill({ limitRate: 4000 })
  running.catch(() => undefined)
  const half = await until(world, 'both instances to work', 60, async () => {
    const both = [staying, dying].every(instance => instance.log().includes('tasks assigned'))
    const { ledger } = await world.verify()
    return both && ledger.events > lines / 5 ? ledger : null
  })
  expect(half.answer.events).toBeLessThan(lines)
  await dying.kill()
  await staying.killRole('sink')
  startInstance(world)
  await world.apply(specs.at(-1)!)
  const sum = await running
  expect(sum).toMatchObject({ lines, published: lines, refused: {}, sealed: true })
  for (const { id } of specs) await world.complete(id)

  const events = hosts.length * sections.length * perSection
  const { ok, problems, ledger } = await world.verify()
  expect([ok, problems]).toEqual([true, []])
  expect(ledger).toMatchObject({ events, duplicates: 200, deadLetters: 4, misplaced: 0 })
  const found = await outcome(world)
  expect(Object.values(found.datasets)).toMatchObject([{ rows: 7500 }, { rows: 5000 }, { rows: 160 }, { rows: 1250 }])
  expect(found).toEqual(await straight())
})
