import { verdictsText } from '../../../commands/explain-text.js'
import { readManifest } from '../../../runtime/datasets/read.js'
import { explainLearner } from '../../../runtime/explain/explain-learner.js'
import { explainLine, explainRecord } from '../../../runtime/explain/explain-statement.js'
import { type Explaining, explaining } from '../../../runtime/explain/explaining.js'
import { type Explained, parseExplained } from '../../../runtime/explain/places.js'
import type { Services } from '../../../runtime/services.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { publish } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'

const ask = <T>({ services }: { services: Services }, work: (e: Explaining) => Promise<T>) => explaining(services, topology.formats, work)

const key = torusKey(1, 'all', 1)
/** Learner 11 has two sessions, learner 12 one. */
const lines = [11, 11 + 40, 11 + 4000, 12].map(n => statement(n, {}, 'page_viewed'))

async function worldWithHistory() {
  const world = await makeMemoryWorld()
  const stop = startRoles(world)
  await world.apply({ id: 'people', kind: 'learners', ignored_student_ids: [12] })
  await world.apply({ id: 'visits', kind: 'sessions', section_ids: [1] })
  await world.apply({ id: 'elsewhere', kind: 'sessions', host: 'two.oli.test' })
  await world.put([{ key, body: jsonl(lines) }])
  await world.backfill()
  for (const id of ['people', 'visits', 'elsewhere']) await world.complete(id)
  const line = (n: number) =>
    ask(world, e =>
      explainLine(e, topology.sources, parseExplained(`s3://${world.bucket}/${key}#${n}`) as Extract<Explained, { is: 'line' }>),
    )
  const learner = async (name: string) => (await ask(world, e => explainLearner(e, { name, section: '1', host: 'one.oli.test' })))[0]!
  return { world, stop, line, learner }
}

test('what snapshots make of an event: counted in the row of its learner or session, left out, or not yet', async () => {
  const { world, stop, line } = await worldWithHistory()
  const [elsewhere, persons, visits] = (await line(1)).datasets
  expect([elsewhere!.excludedBy, elsewhere!.place]).toEqual([['host: one.oli.test is not two.oli.test'], null])
  expect(persons).toMatchObject({ rowOf: 'learner', excludedBy: [], place: { row: null, inManifest: true }, filedUpTo: null })
  // The other learner is left out: there is one file.
  expect((await readManifest(world.services, 'people'))!.files.map(file => file.key)).toEqual([persons!.place!.file])
  expect(visits).toMatchObject({ rowOf: 'session', excludedBy: [], place: { inManifest: true } })
  expect(verdictsText([persons!, visits!])).toMatch(/yes: counted in the row of its learner in people\/.*\n.*of its session in visits\//)
  const body = await world.services.store.get(world.services.config.datasetsBucket, visits!.place!.file)
  expect(body!.toString()).toMatch(/^11,1,one\.oli\.test,/m)
  expect((await line(4)).datasets[1]).toMatchObject({ excludedBy: ['ignored_student_ids: 12 is one of them'], place: null })

  await stop()
  await world.apply({ id: 'late', kind: 'learners' })
  const { datasets } = await line(1)
  expect(datasets[1]).toMatchObject({ dataset: 'late', place: null, filedUpTo: 0 })
  expect(verdictsText(datasets)).toContain('not yet: the rows have what is in xapi up to offset 0')
})

test('an event that route and aggregate have, and the sink has not, is not counted yet', async () => {
  const { world, stop, learner } = await worldWithHistory()
  await stop()
  startRoles(world, { roles: ['route', 'aggregate'] })
  const [late] = await publish(world, [statement(11 + 8000, {}, 'page_viewed')])
  const { answer } = await until(world, 'the session to be there', 60, async () => {
    const found = await learner('11')
    return found.datasets[2]!.notFiled > 0 && found.datasets[1]!.notFiled > 0 ? found : null
  })
  expect(answer.datasets[1]).toMatchObject({ dataset: 'people', rows: 0, notFiled: 1 })
  expect(answer.datasets[2]).toMatchObject({ dataset: 'visits', rows: 2, notFiled: 1 })
  const { datasets } = await ask(world, e => explainRecord(e, { is: 'record', ...late! }))
  const { xapi } = (await readManifest(world.services, 'visits'))!.positions[late!.partition]!
  expect(xapi).toBeLessThanOrEqual(late!.offset)
  expect(datasets[2]).toMatchObject({ dataset: 'visits', place: null, filedUpTo: xapi })
})

test('a student: one row of a learner, as many as there are sessions, and the filters that leave them out', async () => {
  const { learner } = await worldWithHistory()
  const none = { events: 3, says: 'host: one.oli.test is not two.oli.test' }
  expect((await learner('11')).datasets).toEqual([
    {
      dataset: 'elsewhere',
      kind: 'sessions',
      revision: expect.any(Number),
      rowOf: 'session',
      rows: 0,
      notFiled: 0,
      excluded: { host: none },
    },
    { dataset: 'people', kind: 'learners', revision: expect.any(Number), rowOf: 'learner', rows: 1, notFiled: 0, excluded: {} },
    { dataset: 'visits', kind: 'sessions', revision: expect.any(Number), rowOf: 'session', rows: 2, notFiled: 0, excluded: {} },
  ])
  const [, people, visits] = (await learner('12')).datasets
  expect(people).toMatchObject({ rows: 0, notFiled: 0, excluded: { ignored_student_ids: { events: 1 } } })
  expect(visits).toMatchObject({ rows: 1, notFiled: 0, excluded: {} })
})
