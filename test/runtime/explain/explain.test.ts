import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readManifest } from '../../../runtime/datasets/read.js'
import { explainLearner } from '../../../runtime/explain/explain-learner.js'
import { type ExplainedEventRow, explainRow } from '../../../runtime/explain/explain-row.js'
import { explainEvent, explainLine, explainRecord } from '../../../runtime/explain/explain-statement.js'
import { type Explaining, explaining } from '../../../runtime/explain/explaining.js'
import { type Explained, parseExplained } from '../../../runtime/explain/places.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { append, publish } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const ask = <T>(world: World, work: (e: Explaining) => Promise<T>) => explaining(world.services, topology.formats, work)

function explain(world: World, what: string) {
  const asked = parseExplained(what)
  return ask(world, e => {
    if (asked.is === 'line') return explainLine(e, topology.sources, asked)
    if (asked.is === 'record') return explainRecord(e, asked)
    if (asked.is === 'event') return explainEvent(e, asked.id)
    throw new Error('a row is asked for by `row`')
  })
}

async function row(world: World, what: string, repeats = false): Promise<ExplainedEventRow> {
  const asked = parseExplained(what) as Extract<Explained, { is: 'row' }>
  const found = await ask(world, e => explainRow(e, asked, { repeats }))
  if (found.of !== 'event') throw new Error(`${what} is a row of a ${found.of}`)
  return found
}

/** A view of a page by a learner of its own. */
const view = (n: number) => statement(n, { learners: 1_000_000 }, 'page_viewed')
const key = torusKey(1, 'all', 1)
const zipped = torusKey(1, 'all', 2, '.jsonl.gz')
const lines = [view(11), '', '{"spoilt', view(12), view(11), statement(13, { learners: 1_000_000 }, 'video_played')]

async function worldWithHistory(
  env: Record<string, string> = {},
): Promise<{ world: World; stop: () => Promise<void>; line: (n: number, of?: string) => string }> {
  const world = await makeMemoryWorld(env)
  const stop = startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed', section_ids: [1], ignored_student_ids: [12] })
  await world.apply({ id: 'films', kind: 'video', anonymize: true })
  await world.put([{ key, body: jsonl(lines) }])
  await world.backfill()
  await world.complete('views')
  await world.complete('films')
  return { world, stop, line: (n, of = key) => `s3://${world.bucket}/${of}#${n}` }
}

test('a line: event, blank, refused, left out by a filter, repeat, of another kind', async () => {
  const { world, line } = await worldWithHistory()
  const [event, blank, spoilt, ignored, repeat, film, beyond] = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(n => explain(world, line(n))))
  expect(event!.fate).toMatchObject({ is: 'event', event: { topic: 'events.page-viewed', source: line(1) } })
  expect(event!.statement?.bytes?.toString()).toBe(lines[0])
  const [films, views] = event!.datasets
  expect(views).toMatchObject({ dataset: 'views', excludedBy: [], place: { row: 1, inManifest: true } })
  expect(films!.excludedBy).toEqual(['video has no rows of page_viewed'])
  expect(blank!.fate).toEqual({ is: 'not in xapi', why: 'the line is blank' })
  expect(spoilt!.fate).toMatchObject({ is: 'refused', letter: { code: 'invalid_json' } })
  expect(ignored!.fate.is).toBe('event')
  expect(ignored!.datasets[1]!.excludedBy).toEqual(['ignored_student_ids: 12 is one of them'])
  expect(repeat!.fate).toMatchObject({ is: 'repeat', of: { source: line(1) } })
  expect(repeat!.datasets[1]).toMatchObject({ place: { row: 1 } })
  expect(film!.datasets.map(({ excludedBy, place }) => [excludedBy.length, place?.row])).toEqual([
    [0, 1],
    [1, undefined],
  ])
  expect(beyond!.fate).toEqual({ is: 'not in xapi', why: 'the object has 6 lines' })
  expect((await explain(world, `s3://${world.bucket}/nowhere#1`)).fate).toEqual({ is: 'not in xapi', why: 'there is no such object' })
})

test('a line that was not read yet, or in another version of its object', async () => {
  const { world, line } = await worldWithHistory()
  const late = torusKey(1, 'all', 9)
  await world.put([{ key: late, body: jsonl([view(20), view(11)]) }])
  const unread = await explain(world, line(1, late))
  expect([unread.fate, unread.line]).toMatchObject([
    { is: 'not in xapi', why: expect.stringContaining('no backfill has read') },
    { read: null },
  ])
  // What another line has told is no repeat before this one was read.
  expect((await explain(world, line(2, late))).fate.is).toBe('not in xapi')
  await world.put([{ key, body: jsonl([view(30)]) }])
  const changed = await explain(world, line(1))
  expect([changed.line?.changed, changed.fate]).toEqual([true, { is: 'not in xapi', why: expect.stringContaining('another version') }])
})

test('lines over the limit, and of a broken object, lead to the letters that backfill has made', async () => {
  const { world, line } = await worldWithHistory({ MAX_STATEMENT_BYTES: '3000' })
  const long = torusKey(1, 'all', 3)
  await world.put([
    { key: long, body: jsonl([view(40), statement(0, { padding: 5000 })]) },
    { key: zipped, body: gzipSync(jsonl([view(41), view(42), view(43)])).subarray(0, -20) },
  ])
  const before = await explain(world, line(2, long))
  expect(before.fate).toMatchObject({ is: 'not in xapi' })
  await world.backfill()
  expect((await explain(world, line(2, long))).fate).toMatchObject({ is: 'refused', letter: { code: 'too_large' } })
  const cut = await Promise.all([1, 2, 3, 4].map(async n => (await explain(world, line(n, zipped))).fate))
  const broken = cut.findIndex(({ is }) => is === 'refused')
  expect(cut[broken]).toMatchObject({ letter: { code: 'cut_off' } })
  expect(cut.slice(0, broken).every(({ is }) => is === 'event')).toBe(true)
  expect(cut[broken + 1]).toEqual({ is: 'not in xapi', why: `the object has ${broken} lines` })
})

test('records: waiting for route, moved, markers, and events by their ids', async () => {
  const { world, stop } = await worldWithHistory()
  const text = view(50)
  const [home] = await publish(world, [view(50)])
  const wrong = 1 - home!.partition
  const other = view(51)
  const [otherHome] = await publish(world, [other])
  const { first } = await append(world, 'xapi', 1 - otherHome!.partition, [{ key: null, value: Buffer.from(other) }])
  const moved = await append(world, 'xapi', wrong, [{ key: null, value: Buffer.from(view(52)) }])
  await world.complete('views')
  const placed = await explain(world, `${home!.partition}/${home!.offset}`)
  expect(placed.fate).toMatchObject({ is: 'event', event: { source: null, src: home } })
  expect(placed.statement?.bytes?.toString()).toBe(text)
  expect((await explain(world, (placed.fate as { event: { id: string } }).event.id)).fate).toMatchObject({
    is: 'event',
    event: { src: home },
  })
  // Where it was before: once its own statement, once that of somebody else.
  const again = await explain(world, `${1 - otherHome!.partition}/${first}`)
  expect(again.fate).toMatchObject({ is: 'moved', copy: { is: 'repeat' } })
  const only = (await explain(world, `${wrong}/${moved.first}`)).fate
  expect(['event', 'moved']).toContain(only.is)
  if (only.is === 'moved') expect(only.copy?.is).toBe('event')
  const fates = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(offset => explain(world, `0/${offset}`).catch(() => null)))
  expect(fates.some(each => each?.fate.is === 'marker')).toBe(true)
  await stop()
  const [late] = await publish(world, [view(60)])
  expect((await explain(world, `${late!.partition}/${late!.offset}`)).fate).toMatchObject({ is: 'waiting', at: late })
  await expect(explain(world, '0/100000')).rejects.toThrow('has no record at offset')
  await expect(explain(world, 'f'.repeat(32))).rejects.toThrow('there is no event')
})

test('a row: from its key, its URL, or the disk; what was changed is no evidence', async () => {
  const { world, line } = await worldWithHistory()
  const [file] = (await readManifest(world.services, 'views'))!.files
  const found = await row(world, `${file!.key}#1`, true)
  expect(found.statement?.bytes?.toString()).toBe(lines[0])
  expect(found.event.source).toBe(line(1))
  expect(Object.fromEntries(found.cells)).toMatchObject({ user_id: '11', page_attempt_guid: 'page-11' })
  expect(found.repeats).toEqual([expect.objectContaining({ source: line(5) })])
  expect([found.listed, found.rules, found.applied.spec.id]).toEqual([true, { file: 2, release: 2 }, 'views'])
  expect((await row(world, `${file!.url}#1`)).event.id).toBe(found.event.id)

  const path = join(world.folder, 'downloaded', file!.key)
  mkdirSync(dirname(path), { recursive: true })
  const body = (await world.services.store.get(world.services.config.datasetsBucket, file!.key))!
  writeFileSync(path, body)
  expect((await row(world, `${path}#1`)).event.id).toBe(found.event.id)
  writeFileSync(path, body.toString().replace('page-11', 'page-12'))
  await expect(row(world, `${path}#1`)).rejects.toMatchObject({ code: 'S3_CONTENT_DIFFERS' })
  await expect(row(world, `${file!.key}#${file!.rows + 1}`)).rejects.toThrow(`has ${file!.rows} rows`)
  await expect(row(world, `${file!.key.replace('views/', 'nothing/')}#1`)).rejects.toThrow('there is no such dataset')
})

test('a row of a revision that has a successor is explained by its own spec', async () => {
  const { world } = await worldWithHistory()
  const before = (await readManifest(world.services, 'views'))!.files[0]!
  await world.apply({ id: 'views', kind: 'page_viewed', section_ids: [1] })
  await world.complete('views')
  // The manifest is swapped first, then the sink takes the former files off its list.
  const { answer } = await until(world, 'the former file to be off the list', 30, async () => {
    const found = await row(world, `${before.key}#1`)
    return found.listed ? null : found
  })
  expect(answer.applied.spec.ignored_student_ids).toEqual(['12'])
})

test('a student: statements, events, refusals, and in which datasets the rows are', async () => {
  const { world } = await worldWithHistory()
  await publish(world, [view(12).replace('page_attempt_guid', 'page_attempt_gone')])
  await until(world, 'route to refuse it', 20, async () => {
    const [found] = await ask(world, e => explainLearner(e, { name: '12', section: '1', host: null }))
    return found?.refused.length === 1 ? found : null
  })
  const [found] = await ask(world, e => explainLearner(e, { name: '12', section: '1', host: null }))
  expect(found).toMatchObject({
    key: '1|one.oli.test|12',
    records: 2,
    events: { page_viewed: 1 },
    repeats: 0,
    waiting: 0,
    history: { history: 'loaded' },
  })
  expect(found!.datasets).toEqual([
    expect.objectContaining({ dataset: 'films', rows: 0, excluded: { kind: { events: 1, says: 'video has no rows of page_viewed' } } }),
    expect.objectContaining({
      dataset: 'views',
      rows: 0,
      excluded: { ignored_student_ids: { events: 1, says: 'ignored_student_ids: 12 is one of them' } },
    }),
  ])
  const [twice] = await ask(world, e => explainLearner(e, { name: '11', section: '1', host: 'one.oli.test' }))
  expect(twice).toMatchObject({ records: 2, repeats: 1, events: { page_viewed: 1 } })
  expect(twice!.datasets[1]).toMatchObject({ rows: 1, notFiled: 0, excluded: {} })
  expect(await ask(world, e => explainLearner(e, { name: '11', section: 'nowhere', host: null }))).toMatchObject([
    { host: 'one.oli.test', records: 0, unreadable: [], history: { history: 'none' } },
  ])
})
