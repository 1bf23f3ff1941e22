import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { ObjectStore } from '../../runtime/object-store.js'
import { headers as names } from '../../schemas/headers.js'
import { isControlKey } from '../../schemas/state-records.js'
import { pseudonym } from '../../sinks/identity.js'
import { manifestKey } from '../../sinks/naming.js'
import { deepCheck } from '../driver/deep-check.js'
import { edited } from '../driver/edited.js'
import { jsonl, torusKey, uploads } from '../driver/objects.js'
import { homeOf, produce, produceInTransactions } from '../driver/produce.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, kindsOfDataset, statement, statements } from '../driver/statements.js'
import { statesOf } from '../driver/states.js'
import { claimWholeSection } from '../verify/claim.js'
import { deleteBelow, produceTo, rewriteFirstFile } from '../verify/damage.js'

const lines = 400

/** What is found now and was not found before. */
function since(before: readonly string[], now: readonly string[]): string[] {
  return now.filter(problem => !before.includes(problem))
}

test('a world in order passes the deep check, and each damage is found by it', async () => {
  const world = await makeWorld({ partitions: 2, env: { MAX_STATEMENT_BYTES: '20000' } })
  const stop = startRoles(world)
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  await world.apply({ id: 'views', kind: 'page_viewed', anonymize: true, from: '2025-01-06T08:01:00Z', exclude_fields: ['page_id'] })
  await world.apply({ id: 'videos', kind: 'video', sub_types: ['paused', 'seeked'], ignored_student_ids: [4], page_ids: [26, 27] })
  const spoilt = ['{"actor": {', statement(1).replace('page_attempt_guid', 'page_attempt_gone'), statement(0, { padding: 30_000 })]
  await world.put([
    ...uploads(1, 'all', [...statements(0, lines), ...spoilt, '', ...statements(50, 60)], 90),
    { key: torusKey(2, 'all', 1, '.jsonl.gz'), body: gzipSync(jsonl(statements(0, 40, { section: 2 }))).subarray(0, -30) },
  ])
  await world.backfill()
  const wrong = (text: string) => (homeOf(world, text) + 1) % world.services.config.partitions
  // A newer Torus sends a page attempt again, with a key that nothing prints.
  const enrolled = edited(statement(2), ['context', 'extensions', 'http://oli.cmu.edu/extensions/enrollment_id'], 9001)
  await produce(world, [{ value: enrolled }])
  const [moved, aborted] = [statement(1_000_001), statement(1_000_002)]
  await produceInTransactions(world, [{ value: statement(1_000_003) }], [{ value: aborted }])
  await produce(world, [{ value: moved, partition: wrong(moved) }])
  for (const dataset of ['attempts', 'views', 'videos']) await world.complete(dataset)
  const states = await statesOf(world)
  await stop()

  expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
  const { problems, deep: counts } = await deepCheck(world)
  expect(problems).toEqual([])
  expect(counts).toMatchObject({ changedObjects: 0, datasets: 3, skippedDatasets: 0, rowsWithoutPerson: 0 })
  const records = (await recordsOf(world, 'xapi')).length
  expect(counts).toMatchObject({ objects: 6, records, deadLetters: 4 })
  expect(counts.events).toBeGreaterThan(lines)
  expect(counts.states).toBe(Object.values(states).flatMap(Object.keys).length)
  expect(counts.rows).toBeGreaterThan(countOf(0, lines, kindsOfDataset.attempt_evaluated))

  // A learner has what another one has, and a session is not there any more.
  const [one, other] = (await recordsOf(world, 'state.learners')).filter(({ key }) => !isControlKey(key!.toString()))
  const [session] = (await recordsOf(world, 'state.sessions')).filter(({ key, value }) => value !== null && !isControlKey(key!.toString()))
  await produceTo(world, 'state.learners', { key: one!.key, value: other!.value, partition: one!.partition })
  await produceTo(world, 'state.sessions', { key: session!.key, value: null, partition: session!.partition })
  const wrongStates = (await deepCheck(world)).problems
  expect(wrongStates).toContainEqual(expect.stringMatching(`^state: state.learners/${one!.partition}: learner of .* is .*, the events say`))
  expect(wrongStates).toContainEqual(`state: state.sessions/${session!.partition}: ${session!.key} is not there`)

  // A row of a file doubled, and everything that the manifest says of it made to fit.
  await rewriteFirstFile(world, 'views', 1, body => `${body}${body.slice(body.indexOf('\n') + 1).split('\n')[0]}\n`)
  expect(await world.verify()).toMatchObject({ ok: true })
  const rows = await deepCheck(world)
  expect(since(wrongStates, rows.problems)).toEqual([expect.stringMatching(/^dataset views: .* has 1 rows more than events in its range$/)])

  // A cell changed: another person's page.
  await rewriteFirstFile(world, 'videos', 0, body => body.replace(/,page-\d+,/, ',page-0,'))
  const cells = await deepCheck(world)
  expect(since(rows.problems, cells.problems)).toEqual([
    expect.stringMatching(/^dataset videos: .*: page_attempt_guid in the row of offset/),
  ])

  // The pseudonym of one row is that of the same learner by another key: seen with the key, and without.
  const foreign = (body: string) => {
    const [head, first, ...others] = body.split('\n')
    const name = /p[a-z2-7]{26}/.exec(first!)![0]
    const twin = others.findIndex(row => row.includes(name))
    expect(twin).toBeGreaterThanOrEqual(0)
    return [head, first, ...others.with(twin, others[twin]!.replace(name, pseudonym(Buffer.from('another key'), 'h', name)))].join('\n')
  }
  await rewriteFirstFile(world, 'views', 0, foreign)
  const persons = await deepCheck(world)
  expect(since(cells.problems, persons.problems)).toEqual([
    expect.stringMatching(/^dataset views: .*: a learner is called p.*, and p.* in another row$/),
    expect.stringMatching(/^dataset views: .*: user_id in the row of offset/),
  ])
  const withoutKey = await deepCheck(world, { pseudonymKey: null })
  expect(since(cells.problems, withoutKey.problems)).toEqual([expect.stringMatching(/^dataset views: .*: a learner is called p/)])

  // An event once more, by somebody else's producer.
  const [event] = (await recordsOf(world, 'events.page-viewed')).filter(({ headers }) => headers.every(([name]) => name !== names.marker))
  const headers = Object.fromEntries(event!.headers.map(([name, value]) => [name, value.toString()]))
  await produceTo(world, 'events.page-viewed', { key: event!.key, value: event!.value, partition: event!.partition, headers })
  expect((await world.verify()).problems).toEqual([expect.stringMatching(/^event twice: .*events\.page-viewed\.g2\/.* is in the events/)])
  const twice = await deepCheck(world)
  expect(since(persons.problems, twice.problems)).toEqual([
    expect.stringMatching(/^event twice: .*events\.page-viewed\.g2\/.* is in the events/),
  ])

  // A dead letter of a record gone.
  const letters = await recordsOf(world, 'dead-letters')
  const letter = letters.find(record => record.headers.some(([name]) => name === names.offset))!
  await deleteBelow(world, 'dead-letters', letter.partition, letter.offset + 1)
  const silent = since(twice.problems, (await deepCheck(world)).problems)
  expect(silent).toContainEqual(expect.stringMatching(/^statement: .* is neither in the events nor in the dead letters/))
  expect(silent).toContainEqual(expect.stringMatching(/^sum: partition \d+: /))

  // Statements gone from `xapi`.
  await deleteBelow(world, 'xapi', 0, 3)
  const lost = since(silent, (await deepCheck(world)).problems)
  expect(lost).toContainEqual(expect.stringMatching(/^line not in the log: s3:\/\/.*#\d+$/))

  // A manifest cut short is no dataset that nobody can compare.
  const { store, config } = world.services
  const manifest = (await store.get(config.datasetsBucket, manifestKey('views')))!
  await store.put(config.datasetsBucket, manifestKey('views'), manifest.subarray(0, 300), 'application/json')
  expect((await world.verify()).problems).toEqual([
    expect.stringMatching(/^event twice: /),
    'dataset views: manifest.json cannot be read: not JSON',
  ])
  const cut = await deepCheck(world)
  expect(cut.problems).toContain('dataset views: its rows cannot be compared: manifest.json: not JSON')
  expect(cut.deep).toMatchObject({ datasets: 2, skippedDatasets: 0 })
})

test('lines that a reader of gzip loses without a word are found', async () => {
  const world = await makeWorld({ partitions: 2 })
  const stop = startRoles(world)
  const key = torusKey(1, 'all', 0, '.jsonl.gz')
  const first = gzipSync(jsonl(statements(0, 10)))
  await world.put([
    { key, body: Buffer.concat([first, Buffer.alloc(16), gzipSync(`\n${jsonl(statements(10, 30))}`), Buffer.from('other')]) },
  ])
  // As zlib's own reader does: the first member, and nothing of what stands behind its padding.
  const short = (store: ObjectStore): ObjectStore => ({
    ...store,
    async *list(bucket, prefix, after) {
      for await (const object of store.list(bucket, prefix, after)) yield { ...object, size: first.length }
    },
    stream: async (_bucket, _key, _etag, from) => Readable.from([first.subarray(from)]),
  })
  expect(await world.backfill({}, { store: short })).toMatchObject({ lines: 10, published: 10 })
  expect(await world.verify()).toMatchObject({ ok: true })
  const { problems } = await deepCheck(world)
  const name = `s3://${world.bucket}/${key}`
  const [own, ledger] = [
    '31 lines, of them 30 published, 0 blank and 1 where it breaks',
    '10 lines, of them 10 published, 0 blank and 0 where it breaks',
  ]
  expect(problems).toContain(`source object: ${name} has ${own}, its ledger says ${ledger}`)
  expect(problems).toContain(`source object: ${name} cannot be read to its end, and no dead letter says so`)
  for (let line = 11; line <= 30; line++) expect(problems).toContain(`line not in the log: ${name}#${line}`)

  await world.backfill({ again: true })
  await stop()
  expect((await deepCheck(world)).problems).toEqual([])
})

test('a history that is called loaded and was not read is found by both checks', async () => {
  const world = await makeWorld({ partitions: 2 })
  startRoles(world)
  await world.put(uploads(1, 'video', statements(0, 20), 20))
  await world.backfill({ sections: ['1'], prefix: null, categories: ['video'] })
  await world.apply({ id: 'videos', kind: 'video', section_ids: [1] })
  expect(await world.complete('videos')).toMatchObject({ sections: [{ history: 'loaded' }] })
  expect([...(await world.verify()).problems, ...(await deepCheck(world)).problems]).toEqual([])
  await claimWholeSection(world, '1')
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated', section_ids: [1] })
  expect(await world.complete('attempts')).toMatchObject({ sections: [{ history: 'loaded' }] })
  const found = ['dataset attempts: section 1 is called loaded, but no backfill run has read all of attempt_evaluated']
  expect((await world.verify()).problems).toEqual(found)
  expect((await deepCheck(world)).problems).toEqual(found)
})
