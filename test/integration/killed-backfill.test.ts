import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { headerText } from '../../runtime/log.js'
import { decodeSourcesRecord, type ObjectRecord } from '../../schemas/sources.js'
import { start } from '../driver/command-line.js'
import { uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const lines = 6000
const each = 100

/** Objects that are entered as done, by key. */
async function doneObjects(world: World): Promise<Map<string, ObjectRecord>> {
  const done = new Map<string, ObjectRecord>()
  for (const { key, value } of await recordsOf(world, 'sources')) {
    const record = decodeSourcesRecord(key!.toString(), value!)
    if (record.is === 'object') done.set(record.id, record.object)
  }
  return done
}

test('a backfill killed by kill -9 goes on where it was, as the same run', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'films', kind: 'video' })
  const objects = uploads(3, 'video', statements(0, lines), each)
  await world.put(objects)

  // All of it would take 40 s: however slow the machine is, the kill comes in the midst of it.
  const killed = start(world, ['backfill', '--bucket', world.bucket, '--section', '3', '--limit-rate', '150'])
  await until(world, 'some objects to be done', 30, async () => ((await doneObjects(world)).size > 5 ? true : null))
  killed.child.kill('SIGKILL')
  await killed.ended
  const done = await doneObjects(world)
  expect(done.size).toBeLessThan(objects.length)
  const runs = new Set([...done.values()].map(({ run }) => run))

  const sum = await world.backfill({ sections: ['3'], prefix: null })
  expect([...runs]).toEqual([sum.id])
  expect([sum.skipped, sum.objects]).toEqual([done.size, objects.length - done.size])
  // What is kept of the run counts what it had read before it was killed.
  expect([sum.before.objects, sum.before.lines, sum.lines]).toEqual([done.size, each * done.size, lines - each * done.size])
  const kept = (await recordsOf(world, 'sources')).flatMap(({ key, value }) => {
    const record = decodeSourcesRecord(key!.toString(), value!)
    return record.is === 'run' ? [record.run] : []
  })
  expect(kept.at(-1)).toMatchObject({ state: 'sealed', counts: { objects: objects.length, skipped: 0, lines, published: lines } })
  const ledger = await doneObjects(world)
  expect([...ledger.keys()].sort()).toEqual(objects.map(({ key }) => `${world.bucket}/${key}`).sort())
  expect(
    [...ledger.values()].every(({ run, lines, published, blank }) => run === sum.id && lines === each && published === each && blank === 0),
  ).toBe(true)
  expect((await rowsOf(world, 'films')).rows).toHaveLength(
    countOf(0, lines, ['video_played', 'video_paused', 'video_seeked', 'video_completed']),
  )
  // Every line of every object is in the log, and those that were read twice are duplicates.
  const sources = (await recordsOf(world, 'xapi')).flatMap(record => headerText(record, 'source') ?? [])
  expect(new Set(sources).size).toBe(lines)
  expect(await world.verify()).toMatchObject({ ok: true, ledger: { events: lines, duplicates: sources.length - lines } })
})

test('the memory of a backfill does not grow with the object', async () => {
  const world = await makeWorld()
  const megabytes = 300
  const some = Buffer.from(`${statements(0, 800, { padding: 8000 }).join('\n')}\n`)
  const member = gzipSync(some, { level: 1 })
  await world.put([
    { key: 'big/one.jsonl.gz', body: Buffer.concat(Array.from({ length: Math.ceil((megabytes << 20) / some.length) }, () => member)) },
  ])
  const run = start(world, ['backfill', '--bucket', world.bucket, '--prefix', 'big/'])
  await until(world, 'the object to be read', 90, async () => ((await doneObjects(world)).size === 1 ? true : null))
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${run.child.pid}/status`, 'utf8'))![1]) / 1024
  console.log(`a backfill of one object of ${megabytes} MB: at most ${peak.toFixed(0)} MB of memory`)
  expect(peak).toBeLessThan(300)
})
