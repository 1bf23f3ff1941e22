import { rowDocument, rowText } from '../../../commands/explain-row-text.js'
import { readManifest } from '../../../runtime/datasets/read.js'
import { explainRow } from '../../../runtime/explain/explain-row.js'
import type { ExplainedStateRow } from '../../../runtime/explain/explain-state-row.js'
import { type Explaining, explaining } from '../../../runtime/explain/explaining.js'
import { type Explained, parseExplained } from '../../../runtime/explain/places.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import type { Services } from '../../../runtime/services.js'
import { type StateTopicId, topicName } from '../../../schemas/topics.js'
import { csvCells, csvRows } from '../../../sinks/csv/read-csv.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { startRoles } from '../../driver/roles.js'
import { learnerState, sessionState, stateWriter } from '../../driver/state-writer.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

/** The states are written by hand. */
const byHand = ['route', 'sink', 'publish'] as const

const ask = <T>({ services }: { services: Services }, work: (e: Explaining) => Promise<T>) => explaining(services, topology.formats, work)

async function row(world: { services: Services }, what: string): Promise<ExplainedStateRow> {
  const asked = parseExplained(what) as Extract<Explained, { is: 'row' }>
  const found = await ask(world, e => explainRow(e, asked, { repeats: false }))
  if (found.of === 'event') throw new Error(`${what} is a row of an event`)
  return found
}

interface Printed {
  readonly what: string
  readonly cells: readonly string[]
}

/** The rows that the manifest lists, once there are as many. */
async function printed(world: World, dataset: string, count: number): Promise<readonly Printed[]> {
  const { answer } = await until(world, `${dataset} to have ${count} rows`, 60, async () => {
    const manifest = await readManifest(world.services, dataset)
    return manifest?.counts.rows === count ? manifest : null
  })
  const rows: Printed[] = []
  for (const { key } of answer.files) {
    const body = (await world.services.store.get(world.services.config.datasetsBucket, key))!.toString()
    for (const [n, text] of [...csvRows(body)].entries()) if (n > 0) rows.push({ what: `${key}#${n}`, cells: csvCells(text) })
  }
  return rows
}

const without = ({ services }: World) => ({ services: { ...services, config: { ...services.config, pseudonymKey: '' } } })
const compact = ({ services }: World, topic: StateTopicId, keepTombstones = true) =>
  (services.log as MemoryLog).compact(topicName(topic, services.naming), keepTombstones)
const people = Array.from({ length: 12 }, (_, n) => learnerState(n))

test('a row of a learner leads to its state, also when that has changed since and was compacted', async () => {
  const world = await makeMemoryWorld()
  startRoles(world, { roles: byHand })
  const states = await stateWriter(world, 'state.learners')
  await states.write(people)
  await world.apply({ id: 'all', kind: 'learners' })
  const rows = await printed(world, 'all', people.length)
  for (const { what, cells } of rows) {
    const found = await row(world, what)
    const [state] = found.states
    expect(found).toMatchObject({ of: 'learner', alike: 1, listed: true, personCompared: true, rules: { file: 3, release: 3 } })
    expect(state!.key).toBe(`${cells[1]}|torus.test|${cells[0]}`)
    expect({ ...state!.printed!.state }).toEqual(learnerState(Number(cells[0])))
    expect(state!.now).toEqual(state!.printed)
  }
  const seventh = rows.find(({ cells }) => cells[0] === '7')!
  const { cells, states: before } = await row(world, seventh.what)
  const offset = before[0]!.printed!.offset
  await states.write([learnerState(7, { sessions: 9 })])
  const changed = await row(world, seventh.what)
  expect(changed.states).toMatchObject([{ printed: { offset, state: { sessions: 1 } }, now: { state: { sessions: 9 } } }])
  expect(changed.cells).toEqual(cells)
  expect(rowText(changed, world.services.naming)).toMatch(/changed +since: .* is the newest, 1 event from/)
  compact(world, 'state.learners')
  const gone = await row(world, seventh.what)
  expect(gone.states).toMatchObject([{ key: '146|torus.test|7', printed: null, now: { state: { sessions: 9 } } }])
  const text = rowText(gone, world.services.naming)
  expect(text).toContain('changed  since: the record that the row was printed from is gone')
  expect(text).toContain('tributary explain --learner 7 --section 146 --host torus.test')
  expect(rowDocument(gone)).toMatchObject({ of: 'learner', alike: 1, states: [{ printed: null, now: { state: { sessions: 9 } } }] })
  await until(world, 'the file to be off the list', 60, async () => ((await row(world, seventh.what)).listed ? null : true))
})

test('without the pseudonym key everything but the person is compared, and who may be meant is counted', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  startRoles(world, { roles: byHand })
  const states = await stateWriter(world, 'state.learners')
  await states.write(people)
  await world.apply({ id: 'secret', kind: 'learners', anonymize: true })
  await world.apply({ id: 'nobody', kind: 'learners', exclude_fields: ['user_id', 'section_id', 'host', 'last_seen'] })
  const rows = await printed(world, 'secret', people.length)
  const named = await row(world, rows[0]!.what)
  const unnamed = await row(without(world), rows[0]!.what)
  expect([named.personCompared, unnamed.personCompared]).toEqual([true, false])
  // What it did tells it apart from the others.
  expect(unnamed.states).toEqual(named.states)

  // Nothing does.
  const [bare] = await printed(world, 'nobody', people.length)
  const anyone = await row(world, bare!.what)
  expect([anyone.alike, anyone.states.length]).toEqual([people.length, 5])

  const { learner, section } = named.states[0]!.printed!.state
  const inSection = people.filter(each => each.section === section).length
  await states.write([learnerState(Number(learner), { sessions: 9 })])
  compact(world, 'state.learners')
  expect((await row(world, rows[0]!.what)).states).toMatchObject([{ key: named.states[0]!.key, printed: null }])
  const unclear = await row(without(world), rows[0]!.what)
  expect(unclear.alike).toBe(inSection)
  expect(unclear.states.every(({ key }) => key.startsWith(`${section}|`))).toBe(true)
  expect(rowText(unclear, world.services.naming)).toMatch(/of one of \d+ learners that are alike/)
})

test('a row of a session that is no more says so as long as there is a trace of it', async () => {
  const world = await makeMemoryWorld()
  startRoles(world, { roles: byHand })
  const states = await stateWriter(world, 'state.sessions')
  const [early, late] = [sessionState(1, 0), sessionState(1, 9_000_000, { hints: 3 })]
  await states.write([early, late, sessionState(2, 5)])
  await world.apply({ id: 'sessions', kind: 'sessions', anonymize: true })
  const rows = await printed(world, 'sessions', 3)
  const found = await Promise.all(rows.map(({ what }) => row(world, what)))
  expect(found.map(({ of, alike, states: [state] }) => [of, alike, state!.printed!.state.first].join()).sort()).toEqual(
    [early, late, sessionState(2, 5)].map(({ first }) => `session,1,${first}`).sort(),
  )
  const what = rows[found.findIndex(({ states: [state] }) => state!.printed!.state.hints === 3)]!.what
  await states.write([{ ...early, last: late.last, hints: 3 }], [late])
  expect((await row(world, what)).states).toMatchObject([{ printed: { state: { hints: 3 } }, now: null }])
  compact(world, 'state.sessions')
  const gone = await row(world, what)
  expect(gone.states).toEqual([{ key: '146|torus.test|1|2025-01-13T00:00:09Z', printed: null, now: null }])
  expect(rowText(gone, world.services.naming)).toContain('changed  since: the session begins earlier by now, or was joined to another')
  compact(world, 'state.sessions', false)
  await expect(row(world, what)).rejects.toMatchObject({
    code: 'S3_CONTENT_DIFFERS',
    message: expect.stringContaining('no session like it'),
  })
})
