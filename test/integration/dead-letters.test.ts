import { verifyDeepTarget } from '../../runtime/verify-target.js'
import { verifyDeep } from '../../verify/deep/verify-deep.js'
import { command } from '../driver/command-line.js'
import { jsonl, torusKey } from '../driver/objects.js'
import { homeOf, produce } from '../driver/produce.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, recordsOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

/** Everything is recomputed: every record has one outcome, every letter the id of its place or of its replay. */
async function inOrder(world: World): Promise<void> {
  const target = await verifyDeepTarget(world.services)
  const { problems } = await verifyDeep(target, { bucket: null, prefix: '' }, () => undefined).finally(() => target.close())
  expect([...(await world.verify()).problems, ...problems]).toEqual([])
}

async function json(world: World, code: number, ...args: string[]): Promise<Record<string, unknown>> {
  const ended = await command(world, ['dead-letters', ...args, '--json'])
  if (ended.code !== code) throw new Error(`dead-letters ${args.join(' ')}: exit code ${ended.code}\n${ended.stdout}\n${ended.stderr}`)
  return JSON.parse(ended.stdout) as Record<string, unknown>
}

test('letters are replayed once, refused again under their id, and discarded; the sums hold after each', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await world.put([{ key: torusKey(1, 'all', 1), body: jsonl([statement(3, {}, 'page_viewed'), '{"spoilt', '']) }])
  await world.backfill()
  // Refused as it was moved once and is wrong still: replayed, it finds its place.
  const view = (n: number) => statement(n, { learners: 1_000_000 }, 'page_viewed')
  const wrong = (text: string) => (homeOf(world, text) + 1) % world.services.config.partitions
  const lost = [view(101), view(102)]
  const sources = ['http:somebody', `s3://${world.bucket}/elsewhere.jsonl#7`]
  await produce(
    world,
    lost.map((value, i) => ({
      value,
      partition: wrong(value),
      headers: { placed: '0/0', source: sources[i]!, received: '2025-01-06T08:00:00.000Z' },
    })),
  )
  await until(world, 'the refusals', 30, async () => ((await deadLettersOf(world)).length === 3 ? true : null))
  const before = await deadLettersOf(world)
  const spoilt = before.find(({ code }) => code === 'invalid_json')!
  await inOrder(world)

  expect(await json(world, 1, 'replay', '--all', '--dry-run')).toMatchObject({
    selected: 3,
    replayed: { length: 2 },
    left: [{ id: spoilt.id }],
  })
  expect(await json(world, 1, 'replay', '--all', '--wait')).toMatchObject({ selected: 3, replayed: { length: 2 }, refusedAgain: 0 })
  await world.complete('views')
  const { rows } = await rowsOf(world, 'views')
  expect(rows.map(row => row.split(',')[2]).sort()).toEqual(['101', '102', '3'])
  const events = await recordsOf(world, 'events.page-viewed')
  const told = events.flatMap(({ headers }) => headers.flatMap(([name, value]) => (name === 'source' ? [value.toString()] : [])))
  expect(told).toEqual(expect.arrayContaining(sources))
  await inOrder(world)

  // Once: by all, by their ids, and with statements that come again.
  const records = (await recordsOf(world, 'xapi')).length
  expect(await json(world, 1, 'replay', '--all')).toMatchObject({ selected: 1, replayed: [] })
  const ids = before.filter(({ code }) => code === 'misplaced_twice').map(({ id }) => id.slice(0, 10))
  expect(await json(world, 0, 'replay', ids.join(','))).toMatchObject({ selected: 2, before: 2, replayed: [], left: [] })
  expect(await recordsOf(world, 'xapi')).toHaveLength(records)

  // Refused again: the same letter.
  expect(await json(world, 1, 'replay', spoilt.id, '--anyway', '--wait')).toMatchObject({ replayed: [spoilt.id], refusedAgain: 1 })
  expect((await deadLettersOf(world)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  expect(await json(world, 0, 'show', spoilt.id.slice(0, 8))).toMatchObject({
    id: spoilt.id,
    state: 'refused again',
    refusals: 2,
    source: `s3://${world.bucket}/${torusKey(1, 'all', 1)}#2`,
    damage: { byte: 8, says: 'the text ends, expected a closing quote' },
    text: '{"spoilt',
  })
  await inOrder(world)

  expect(await json(world, 0, 'discard', '--all', '--reason', 'made up', '--by', 'me')).toMatchObject({ decided: [spoilt.id] })
  expect(await json(world, 0, 'list')).toMatchObject({
    total: 3,
    counts: { invalid_json: { discarded: 1 }, misplaced_twice: { replayed: 2 } },
  })
  await inOrder(world)
  const people = await command(world, ['dead-letters', 'list'])
  expect(people.stdout).toMatch(/CODE +REPLAYED +DISCARDED\ninvalid_json +- +1\nmisplaced_twice +2 +-/)
})
