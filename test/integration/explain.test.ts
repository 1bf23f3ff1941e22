import { gunzipSync } from 'node:zlib'
import { readManifest } from '../../runtime/datasets/read.js'
import { explainRow } from '../../runtime/explain/explain-row.js'
import type { StateBehind } from '../../runtime/explain/explain-state-row.js'
import { explaining } from '../../runtime/explain/explaining.js'
import { parseExplained } from '../../runtime/explain/places.js'
import type { LearnerState } from '../../schemas/learner-state.js'
import type { SessionState } from '../../schemas/session-state.js'
import { topology } from '../../topology.js'
import { jsonl, type StoredObject, torusKey, uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { expectedStates } from '../driver/states.js'
import { seeded } from '../schemas/random.js'

const facts = 2000
const hosts = ['one.oli.test', 'two.oli.test']
const asked = 100

test(`${asked} random rows of six datasets each lead to the line, or to the state, that they were made from`, async () => {
  // Rows lie in pieces as flushed, in merged ones, and in full ones.
  const world = await makeWorld({ partitions: 2, env: { ROLL_BYTES: '150000' } })
  startRoles(world)
  await world.apply({
    id: 'attempts',
    kind: 'attempt_evaluated',
    anonymize: true,
    sub_types: ['part_attempt_evaluated', 'page_attempt_evaluated'],
  })
  await world.apply({ id: 'views', kind: 'page_viewed', ignored_student_ids: [3, 7], page_ids: [26, 27, 28] })
  await world.apply({ id: 'films', kind: 'video', host: 'one.oli.test', chunk_size: 70 })
  await world.apply({ id: 'people', kind: 'learners', anonymize: true, ignored_student_ids: [5] })
  await world.apply({ id: 'visits', kind: 'sessions', host: 'one.oli.test' })
  const spoilt = ['', '{"spoilt', '   ']
  const objects: StoredObject[] = hosts.flatMap((host, h) =>
    uploads(
      5,
      `host-${h}`,
      statements(0, facts, { host, section: 5 }).flatMap((text, i) => (i % 97 === 0 ? [...spoilt, text] : [text])),
      150,
    ),
  )
  await world.put(objects)
  await world.put([{ key: torusKey(5, 'repeats', 999), body: jsonl(statements(0, 300, { host: hosts[0]!, section: 5 })) }])
  await world.backfill()
  // Uploads that come one by one make pieces, of which eight are merged.
  for (let round = 0; round < 9; round++) {
    // More than an hour later each time: in a session of its own.
    const from = facts + round * 4000
    await world.put([{ key: torusKey(5, 'later', round), body: jsonl(statements(from, from + 80, { host: hosts[0]!, section: 5 })) }])
    await world.backfill()
  }
  // A dataset that catches up later has other pieces.
  await world.apply({ id: 'late', kind: 'video', dialect: 'plain', from: '2025-01-06T08:10:00Z' })

  const datasets: { key: string; row: number }[][] = []
  for (const id of ['attempts', 'views', 'films', 'late', 'people', 'visits']) {
    await world.complete(id)
    const { files } = (await readManifest(world.services, id))!
    datasets.push(files.flatMap(({ key, rows }) => Array.from({ length: rows }, (_, i) => ({ key, row: i + 1 }))))
  }
  const states = await expectedStates(world)
  const ofStates = datasets.slice(-2).map(rows => rows.length)
  const people = Object.values(states['state.learners']).filter(state => (state as LearnerState).learner !== '5').length
  const visits = Object.values(states['state.sessions']).filter(state => (state as SessionState).host === 'one.oli.test').length
  expect(ofStates).toEqual([people, visits])
  const filed = (await recordsOf(world, 'dataset-files')).flatMap(({ value }) => (value === null ? [] : [JSON.parse(value.toString())]))
  expect(filed.filter(({ level }) => level > 0).length).toBeGreaterThan(0)
  const seed = Date.now() % 1_000_000
  const random = seeded(seed)
  const origin = new Map<string, string[]>()
  await explaining(world.services, topology.formats, async e => {
    for (let i = 0; i < asked; i++) {
      const { key, row } = random.pick(random.pick(datasets))
      const what = `${key}#${row}`
      const found = await explainRow(e, parseExplained(what) as Extract<ReturnType<typeof parseExplained>, { is: 'row' }>, {
        repeats: false,
      })
      expect({ seed, what, personCompared: found.personCompared }).toEqual({ seed, what, personCompared: true })
      if (found.of !== 'event') {
        const [{ key, printed, now }] = found.states as [StateBehind]
        const topic = found.of === 'learner' ? 'state.learners' : 'state.sessions'
        expect({ seed, what, alike: found.alike, state: { ...printed!.state } }).toEqual({
          seed,
          what,
          alike: 1,
          state: states[topic][key],
        })
        expect({ seed, what, now }).toEqual({ seed, what, now: printed })
        continue
      }
      const { event, statement: from, cells } = found
      // The number of the statement is in its page attempt; host and learner are in the event.
      const n = Number(Object.fromEntries(cells).page_attempt_guid!.slice('page-'.length))
      const text = statement(n, { host: event.event.host, section: 5 })
      const [, object, line] = /^s3:\/\/[^/]+\/(.+)#(\d+)$/.exec(event.source!)!
      const inObject = origin.get(object!) ?? (await linesOf(object!))
      origin.set(object!, inObject)
      expect({ seed, what, line: inObject[Number(line) - 1] }).toEqual({ seed, what, line: text })
      expect({ seed, what, bytes: from!.bytes!.toString(), source: from!.source }).toEqual({
        seed,
        what,
        bytes: text,
        source: event.source,
      })
    }
  })

  async function linesOf(key: string): Promise<string[]> {
    const body = (await world.services.store.get(world.bucket, key))!
    return (key.endsWith('.gz') ? gunzipSync(body) : body).toString().split('\n')
  }
})
