import { gzipSync } from 'node:zlib'
import { readManifest } from '../../runtime/datasets/read.js'
import { readStatus } from '../../runtime/read-status.js'
import { sqsQueue } from '../../runtime/s3/sqs-queue.js'
import { verifyDeepTarget } from '../../runtime/verify-target.js'
import { topology } from '../../topology.js'
import { verifyDeep } from '../../verify/deep/verify-deep.js'
import { enveloped, eventMessage, testMessage } from '../driver/event-message.js'
import { sourcesOf, startFollow } from '../driver/follow.js'
import { jsonl, uploads } from '../driver/objects.js'
import { startQueueServer } from '../driver/queue-server.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const view = (n: number) => statement(n, { learners: Number.MAX_SAFE_INTEGER }, 'page_viewed')
const views = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => view(from + i))

let made = 0
/** A name as an uploader gives it now. */
const nameNow = (ending = '.jsonl', section = 1, category = 'page_viewed') =>
  `section/${section}/${category}/${new Date().toISOString().replaceAll(':', '-')}_${made++}${ending}`

async function allRead(world: World, count: number): Promise<void> {
  await until(world, `${count} objects in the ledger`, 40, async () => (await sourcesOf(world)).objects.size === count || null)
}

async function verifiedDeeply(world: World) {
  const target = await verifyDeepTarget(world.services)
  return verifyDeep(target, { bucket: null, prefix: '' }, () => undefined).finally(() => target.close())
}

test('every shape of an object has the outcome that it has in a backfill, and the checkers agree', async () => {
  const world = await makeWorld({ env: { MAX_STATEMENT_BYTES: '20000' } })
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed', section_ids: [1] })
  const follow = startFollow(world, { prefixes: ['section/'] })
  const long = `{"long":"${'x'.repeat(30_000)}"}`
  const whole = gzipSync(jsonl(views(400, 500)))
  const objects = [
    { key: nameNow('.jsonl.gz'), body: Buffer.concat([gzipSync(`${views(0, 10).join('\n')}\n`), gzipSync(jsonl(views(10, 20)))]) },
    { key: nameNow(), body: Buffer.from(`\ufeff${view(20)}\r\n\r\n  \t\n${view(21)}\r\n`) },
    { key: nameNow(), body: Buffer.from(`${view(30)}\n${long}\n${view(31)}\n{"spoilt`) },
    { key: nameNow('.jsonl.gz'), body: whole.subarray(0, whole.length - 200) },
    { key: nameNow(), body: Buffer.alloc(0) },
  ]
  await world.put(objects)
  await allRead(world, objects.length)
  // The same upload once more, under the name of another one: nothing but duplicates.
  await world.put([{ key: nameNow('.jsonl.gz'), body: objects[0]!.body }])
  await allRead(world, objects.length + 1)
  await world.complete('views')
  const sum = (await follow.stop())!
  expect(sum).toMatchObject({ objects: 6, blank: 2, gone: 0, left: 0, refused: { too_large: 1, cut_off: 1 } })
  expect((await deadLettersOf(world)).map(({ code }) => code).sort()).toEqual(['cut_off', 'invalid_json', 'too_large'])
  const { rows } = await rowsOf(world, 'views')
  expect(sum.published).toBe(rows.length + 20 + 1)
  expect(await world.verify()).toMatchObject({ ok: true, ledger: { duplicates: 20, deadLetters: 1 } })
  const { problems, deep } = await verifiedDeeply(world)
  expect(problems).toEqual([])
  expect(deep).toMatchObject({ objects: 6, changedObjects: 0, lines: sum.published })
  // A follow brings no history: of the section's history nothing is known until a backfill has read it, and then all is complete.
  expect(await readManifest(world.services, 'views')).toMatchObject({ completeThrough: null, sections: [{ history: 'none' }] })
  expect(await world.backfill({ prefix: 'section/' })).toMatchObject({ objects: 0, skipped: 6 })
  const loaded = await world.complete('views')
  expect(loaded.sections).toMatchObject([{ history: 'loaded' }])
  const late = startFollow(world, { prefixes: ['section/'] })
  await world.put([{ key: nameNow(), body: jsonl(views(900, 901)) }])
  await allRead(world, 7)
  await world.complete('views')
  // Partitions that got nothing repeat their progress after 30 s, and progress alone is published once a minute.
  await until(world, 'the manifest to have a later time', 120, async () =>
    Date.parse((await readManifest(world.services, 'views'))!.completeThrough!) > Date.parse(loaded.completeThrough!) ? true : null,
  )
  await late.stop()
  expect((await readStatus(world.services, topology)).follows).toMatchObject([{ bucket: world.bucket, prefixes: ['section/'], waiting: 0 }])
})

test('event messages of an SQS queue: each has its outcome, and the statements are in the dataset', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const server = await startQueueServer()
  world.atEnd(() => server.close())
  const queue = sqsQueue({ url: server.url, region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'secret' })
  world.atEnd(async () => queue.close())
  const follow = startFollow(world, { prefixes: ['section/'], since: 0 }, { queue })
  const objects = uploads(1, 'page_viewed', views(0, 200), 10)
  await world.put(objects)
  server.queue.send(testMessage(world.bucket))
  for (const { key } of objects) server.queue.send(eventMessage(world.bucket, [key]))
  for (const { key } of objects.slice(0, 7)) server.queue.send(enveloped(eventMessage(world.bucket, [key])))
  server.queue.send('no event')
  await until(world, 'all but one message to be deleted', 40, () => server.queue.bodies.length === 1 || null)
  // A queue that is away for a while is waited for.
  server.answer(503)
  await until(world, 'the trouble to be told', 40, () => world.said.some(text => text.includes('QUEUE_UNREACHABLE')) || null)
  const late = nameNow()
  await world.put([{ key: late, body: jsonl(views(300, 301)) }])
  server.queue.send(eventMessage(world.bucket, [late]))
  server.answer(null)
  await allRead(world, objects.length + 1)
  await until(world, 'the late message to be deleted', 40, () => server.queue.bodies.length === 1 || null)
  expect((await world.complete('views')).counts.rows).toBe(201)
  const sum = (await follow.stop())!
  expect(sum).toMatchObject({ objects: 21, lines: 201, published: 201 })
  expect(sum.messages).toMatchObject({ read: 21, done: 7, test: 1, foreign: 0, left: 0 })
  expect(await world.verify()).toMatchObject({ ok: true, ledger: { duplicates: 0 } })
})

/** The promise is 10 s on a free machine; a busy one may need more before it is called broken. */
const deadline = 30

test('while a backfill runs at full speed, an object that is uploaded now is in the dataset seconds later', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed', freshness: 5 })
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  const lines = 150_000
  await world.put(uploads(7, 'all', statements(0, lines, { section: 7 }), 5000))
  startFollow(world, { sections: ['1'], prefixes: [] })
  const stop = new AbortController()
  let read = 0
  const events = { progress: (progress: { lines: number }) => (read = progress.lines) }
  const history = world.backfill({ prefix: 'section/7/' }, { wait: false, signal: stop.signal, events })
  history.catch(() => undefined)
  await until(world, 'the backfill to run', 30, () => (read > 20_000 ? true : null))
  await world.put([{ key: nameNow(), body: jsonl(views(900_001, 900_002)) }])
  const there = await until(world, 'the live object in the dataset', deadline, async () => {
    const { rows } = await rowsOf(world, 'views')
    return rows.some(row => row.includes('900001')) || null
  })
  console.log(`uploaded during a backfill (${read} of ${lines} lines read): in the dataset after ${there.seconds.toFixed(1)} s`)
  expect(read).toBeLessThan(lines)
  stop.abort()
  await expect(history).rejects.toMatchObject({ code: 'INCOMPLETE' })
})
