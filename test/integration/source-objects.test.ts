import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { planBackfill } from '../../runtime/backfill/backfill.js'
import type { ObjectStore } from '../../runtime/object-store.js'
import { topology } from '../../topology.js'
import { jsonl, type StoredObject, torusKey, uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, recordsOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'

const view = (n: number) => statement(n, {}, 'page_viewed')
const views = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => view(from + i))

test('every shape of an object has a named outcome', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const whole = gzipSync(jsonl(views(400, 500)))
  const long = `{"long":"${'x'.repeat(10 << 20)}"}`
  const objects: StoredObject[] = [
    {
      key: 'o/members.jsonl.gz',
      body: Buffer.concat([gzipSync(`${views(0, 10).join('\n')}\n`), gzipSync(''), gzipSync(jsonl(views(10, 20)))]),
    },
    { key: 'o/marked.jsonl', body: Buffer.from(`\ufeff${view(20)}\r\n\r\n  \t\n\n${view(21)}\r\n`) },
    { key: 'o/long.jsonl', body: Buffer.from(`${view(30)}\n${long}\n${view(31)}`) },
    {
      key: 'o/bytes.jsonl',
      body: Buffer.concat([Buffer.from(`${view(40)}\n{"a":"`), Buffer.from([0xff, 0xfe]), Buffer.from(`"}\n${view(41)}\n`)]),
    },
    { key: 'o/separators.jsonl', body: Buffer.from(view(50).replace('A title', 'A\u2028title\u0085and\u2029more')) },
    { key: 'o/cut.jsonl', body: Buffer.from(`${view(60)}\n${view(61).slice(0, 200)}`) },
    { key: 'o/cut.jsonl.gz', body: whole.subarray(0, whole.length - 200) },
    // Ten statements, padding, ten more, and what is no gzip: one refusal behind the last line.
    {
      key: 'o/padded.jsonl.gz',
      body: Buffer.concat([
        gzipSync(jsonl(views(80, 90))),
        Buffer.alloc(16),
        gzipSync(`\n${jsonl(views(90, 100))}`),
        Buffer.from('no gzip'),
      ]),
    },
    { key: 'o/no-gzip.jsonl.gz', body: Buffer.from('this is no gzip') },
    { key: 'o/empty.jsonl', body: Buffer.alloc(0) },
    { key: 'o/empty.jsonl.gz', body: Buffer.alloc(0) },
    { key: 'o/nothing.jsonl.gz', body: gzipSync('') },
    { key: 'o/other.txt', body: Buffer.from(view(70)) },
  ]
  await world.put(objects)
  const sum = await world.backfill({ prefix: 'o/' })
  const letters = (await deadLettersOf(world)).map(({ code, source }) => `${code} ${source.slice(`s3://${world.bucket}/`.length)}`)
  const cutLine = Number(/o\/cut\.jsonl\.gz#(\d+)/.exec(letters.join())?.[1])
  expect(cutLine).toBeGreaterThan(1)
  expect(letters).toEqual([
    'invalid_utf8 o/bytes.jsonl#2',
    'invalid_json o/cut.jsonl#2',
    `cut_off o/cut.jsonl.gz#${cutLine}`,
    'too_large o/long.jsonl#2',
    'cut_off o/no-gzip.jsonl.gz#1',
    'cut_off o/padded.jsonl.gz#21',
  ])
  // What could be read of the broken gzip stream is there; the line in which it broke is not.
  const readable = cutLine - 1
  const good = 20 + 2 + 2 + 2 + 1 + 1 + 20 + readable
  expect((await rowsOf(world, 'views')).rows).toHaveLength(good)
  const published = good + 2
  expect(sum).toMatchObject({ objects: 12, skipped: 0, blank: 3, published, refused: { too_large: 1, cut_off: 3 } })
  expect(sum.lines).toBe(3 + published + 4)
  const dead = (await deadLettersOf(world)).find(({ code }) => code === 'too_large')!
  expect([dead.value.length, dead.reason]).toEqual([64 * 1024, expect.stringMatching(`^${long.length} bytes .*SHA-256 [0-9a-f]{64}`)])
  expect(await world.verify()).toMatchObject({ ok: true, ledger: { events: good, deadLetters: 2, duplicates: 0 } })

  // The same objects once more, though they are done: nothing but duplicates, and no dead letter is another.
  const before = await deadLettersOf(world)
  expect(await world.backfill({ prefix: 'o/', again: true })).toMatchObject({ objects: 12, published })
  expect((await deadLettersOf(world)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  expect(await world.verify()).toMatchObject({ ok: true, ledger: { events: good, duplicates: good } })
})

/** Hands out the first bytes of an object, then another version is put in its place and the connection breaks. */
function changing(key: string, put: () => Promise<void>, times: number): (store: ObjectStore) => ObjectStore {
  let left = times
  return store => ({
    ...store,
    async stream(bucket, name, etag, from) {
      const stream = await store.stream(bucket, name, etag, from)
      if (name !== key || stream === null || left === 0) return stream
      left--
      return Readable.from(
        (async function* () {
          for await (const chunk of stream as AsyncIterable<Buffer>) {
            yield chunk.subarray(0, 2000)
            break
          }
          await put()
          throw Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' })
        })(),
      )
    },
  })
}

test('an object that changes while it is read is read again from its beginning, or the run says so', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  const key = 'c/changing.jsonl'
  let version = 0
  const put = () => world.put([{ key, body: jsonl([`{"version":${version++}}`, ...views(0, 100)]) }])
  await put()
  const notes: string[] = []
  const sum = await world.backfill({ prefix: 'c/' }, { store: changing(key, put, 1), events: { note: text => notes.push(text) } })
  // On a slow machine it also says that roles which are starting do not run yet.
  expect(notes.filter(note => !note.startsWith('no process runs'))).toEqual([expect.stringContaining('changed while it was read')])
  // Only what was read of the version in the ledger counts.
  expect(sum).toMatchObject({ objects: 1, lines: 101, published: 101, refused: {} })
  expect((await rowsOf(world, 'views')).rows).toHaveLength(100)

  await put()
  await expect(world.backfill({ prefix: 'c/' }, { store: changing(key, put, 10) })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  // It is not done: the same request goes on.
  expect(await world.backfill({ prefix: 'c/' })).toMatchObject({ objects: 1, skipped: 0, lines: 101 })
  expect((await rowsOf(world, 'views')).rows).toHaveLength(100)
})

test('a backfill takes what is asked for, at the pace that is asked for', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.put(uploads(5, 'video', statements(0, 600), 100))
  await world.put(uploads(6, 'video', statements(0, 300, { section: 6 }), 100))
  await world.put(uploads(5, 'page_viewed', statements(600, 700), 100))
  const request = {
    bucket: world.bucket,
    sections: ['5'],
    prefix: null,
    categories: ['video'],
    since: null,
    until: null,
    limitRate: null,
    again: false,
  }
  const between = { since: Date.UTC(2025, 1, 1, 0, 1), until: Date.UTC(2025, 1, 1, 0, 4) }

  const planned = await planBackfill(world.services, topology.sources, { ...request, ...between })
  expect(planned).toMatchObject({ objects: 3, skipped: 0, sections: ['5'], resumes: null })
  expect(await recordsOf(world, 'xapi')).toEqual([])
  expect(await recordsOf(world, 'sources')).toEqual([])

  expect(await world.backfill({ ...request, ...between })).toMatchObject({ objects: 3, lines: 300 })
  expect(await world.backfill({ ...request, categories: [] })).toMatchObject({ objects: 4, skipped: 3, lines: 400 })

  const slow = await world.backfill({ ...request, sections: ['6'], limitRate: 100 })
  expect(slow).toMatchObject({ objects: 3, lines: 300 })
  expect(slow.seconds).toBeGreaterThan(1.9)
  const sections = (await recordsOf(world, 'xapi')).filter(record => record.value!.toString().includes('section_id":6')).length
  expect(sections).toBe(300)
  const nowhere = { prefix: torusKey(6, 'video', 0).slice(0, 10), sections: ['6'] }
  await expect(world.backfill(nowhere)).rejects.toMatchObject({ code: 'NOTHING_TO_READ' })
})
