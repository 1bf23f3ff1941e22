import { readManifest } from '../../../runtime/datasets/read.js'
import type { MemoryLog } from '../../../runtime/memory/memory-log.js'
import { planReset, type ResetScope } from '../../../runtime/reset/plan-reset.js'
import { reset } from '../../../runtime/reset/reset.js'
import { topicName } from '../../../schemas/topics.js'
import { manifestVersionKey } from '../../../sinks/naming.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey, uploads } from '../../driver/objects.js'
import { publish } from '../../driver/publish.js'
import { deadLettersOf, recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement, statements } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'

const facts = 400
const long = torusKey(1, 'all', 99)

/** A history with a repeat, a spoilt line and one that is too long, two datasets of it, and a statement that came by itself. */
async function filled(): Promise<{ world: World; stop: () => Promise<void> }> {
  const world = await makeMemoryWorld({ MAX_STATEMENT_BYTES: '3000' })
  const stop = startRoles(world)
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  await world.apply({ id: 'views', kind: 'page_viewed', anonymize: true })
  await world.put([
    ...uploads(1, 'all', [...statements(0, facts), statement(3), '{"spoilt'], 100),
    { key: long, body: jsonl([statement(0, { padding: 5000 })]) },
  ])
  await world.backfill()
  await publish(world, [statement(1_000_003)])
  await both(world)
  return { world, stop }
}

async function both(world: World): Promise<void> {
  await world.complete('attempts')
  await world.complete('views')
}

const outcome = async (world: World) => ({
  attempts: (await rowsOf(world, 'attempts')).sha256,
  views: (await rowsOf(world, 'views')).sha256,
  letters: (await deadLettersOf(world)).map(({ id }) => id),
})

/** Rows of each manifest that was written after a version. */
async function rowsSince(world: World, version: number): Promise<number[]> {
  const rows: number[] = []
  for (let next = version + 1; ; next++) {
    const body = await world.services.store.get(world.services.config.datasetsBucket, manifestVersionKey('attempts', next))
    if (body === null) return rows
    rows.push((JSON.parse(body.toString()) as { counts: { rows: number } }).counts.rows)
  }
}

test('what is derived comes out the same, and no manifest in between says less', async () => {
  const { world, stop } = await filled()
  const before = await outcome(world)
  const { version, counts } = (await readManifest(world.services, 'attempts'))!
  const records = (await recordsOf(world, 'xapi')).length
  await stop()

  const plan = await planReset(world.services, 'derived')
  expect([plan.live, plan.missing, plan.objects]).toEqual([[], [], [`${world.bucket}/${long}`]])
  expect(plan.kept.map(name => name.slice(world.services.naming.prefix.length))).toEqual([
    'xapi',
    'dead-letter-decisions',
    'datasets',
    'sources',
  ])
  expect(plan.folders.length).toBeGreaterThan(0)
  await reset(world.services, 'derived')
  expect((await planReset(world.services, 'derived')).topics.every(topic => topic.records === 0)).toBe(true)
  expect((await planReset(world.services, 'derived')).folders).toEqual([])
  expect((await readManifest(world.services, 'attempts'))!.counts.rows).toBe(counts.rows)

  startRoles(world)
  // Something new, without a row of its own: it is waited for.
  await publish(world, [statement(1_000_003)])
  await both(world)
  const rows = await rowsSince(world, version)
  expect(rows.length).toBeGreaterThan(0)
  expect(Math.min(...rows)).toBeGreaterThanOrEqual(counts.rows)
  // The letter of the long line comes with the next backfill, which reads that object alone.
  expect(await world.backfill()).toMatchObject({ objects: 1, published: 0, refused: { too_large: 1 } })
  await both(world)
  expect((await recordsOf(world, 'xapi')).length).toBeLessThan(records + 10)
  expect((await outcome(world)).letters).toEqual(before.letters)
  const after = await outcome(world)
  expect([after.attempts, after.views]).toEqual([before.attempts, before.views])
  expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
})

test.each<ResetScope>(['sources', 'everything'])('%s: a backfill brings the same again', async scope => {
  const { world, stop } = await filled()
  const before = await outcome(world)
  await stop()
  await reset(world.services, scope)
  startRoles(world)
  const sum = await world.backfill()
  expect([sum.skipped, sum.objects]).toEqual([0, 6])
  // Only S3 comes back: what came by itself is gone with `xapi`.
  if (scope === 'everything') await publish(world, [statement(1_000_003)])
  await both(world)
  expect(await outcome(world)).toEqual(before)
  const { problems, ledger } = await world.verify()
  expect([problems, ledger.duplicates]).toEqual([[], scope === 'everything' ? 1 : facts + 2])
})

test('while a role runs, or when statements are missing, nothing is done', async () => {
  const { world, stop } = await filled()
  await expect(reset(world.services, 'everything')).rejects.toMatchObject({
    code: 'ROLES_LIVE',
    message: expect.stringMatching(/route: .*; sink: .*; publish: /),
  })
  await stop()
  const log = world.services.log as MemoryLog
  log.truncate(topicName('xapi', world.services.naming), 1, 3)
  const events = (await recordsOf(world, 'events.attempt')).length
  await expect(reset(world.services, 'derived')).rejects.toMatchObject({
    code: 'OFFSET_LOST',
    message: expect.stringContaining('begins at offset 3'),
  })
  expect(await recordsOf(world, 'events.attempt')).toHaveLength(events)
  await reset(world.services, 'everything')
})

test.each(['send', 'delete', 'create'] as const)('broken at %s, the same command goes on', async step => {
  const { world, stop } = await filled()
  const before = await outcome(world)
  await stop()
  const log = world.services.log as MemoryLog
  if (step === 'send') log.fail('send.after')
  else {
    const name = step === 'delete' ? 'deleteTopics' : 'createTopics'
    const work = log[name].bind(log) as (topics: never) => Promise<void>
    let broken = false
    Object.assign(log, {
      [name]: async (topics: never) => {
        if (!broken && step === 'create') {
          broken = true
          throw new Error('the process died')
        }
        await work(topics)
        if (!broken) {
          broken = true
          throw new Error('the process died')
        }
      },
    })
  }
  await expect(reset(world.services, 'derived')).rejects.toThrow(/died|injected/)
  await reset(world.services, 'derived')
  startRoles(world)
  await world.backfill()
  await both(world)
  expect(await outcome(world)).toEqual(before)
  expect((await world.verify()).problems).toEqual([])
})
