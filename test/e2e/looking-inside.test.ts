import { readManifest } from '../../runtime/datasets/read.js'
import { manifestVersionKey } from '../../sinks/naming.js'
import { command, start } from '../driver/command-line.js'
import { startInstance } from '../driver/instance.js'
import { jsonl, torusKey, uploads } from '../driver/objects.js'
import { homeOf, produce } from '../driver/produce.js'
import { makeWorld } from '../driver/real-world.js'
import { rowsOf } from '../driver/results.js'
import { statement, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

async function json<T>(world: World, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await command(world, [...args, '--json'])
  if (code !== 0) throw new Error(`tributary ${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout) as T
}

const view = (n: number) => statement(n, { section: 145, learners: 1_000_000 }, 'page_viewed')

/** Views by learners with names of their own; learner 7 is ignored, and one line is spoilt. */
async function historyOf(world: World): Promise<void> {
  await world.put(uploads(145, 'page_viewed', statements(0, 400, { section: 145 }), 100))
  await world.put([{ key: torusKey(145, 'page_viewed', 50), body: jsonl([view(9001), '{"spoilt', view(9001), view(9002)]) }])
  await world.apply({ id: 'views', kind: 'page_viewed', section_ids: [145], ignored_student_ids: [9002] })
}

test('an operator looks into topics, rows and lines, and watches', async () => {
  const world = await makeWorld()
  await historyOf(world)
  startInstance(world)
  await world.backfill({ sections: ['145'] })
  await world.complete('views')

  // Topics, decoded; a pipe that is closed early; live, until Ctrl-C.
  const [last] = await json<{ value: { kind: string }; headers: { src: string } }[]>(
    world,
    'inspect',
    'events.page-viewed',
    '--key',
    '145|one.oli.test|9001',
  )
  expect(last).toMatchObject({ value: { kind: 'page_viewed', learner: '9001' } })
  const all = await command(world, ['inspect', 'xapi', '--from', '0'])
  expect(all.stdout.trimEnd().split('\n').length).toBeGreaterThan(400)
  const closed = start(world, ['inspect', 'xapi', '--from', '0'])
  closed.child.stdout!.once('data', () => closed.child.stdout!.destroy())
  expect((await closed.ended).code).toBe(0)
  const live = start(world, ['inspect', 'xapi', '--follow', '--limit', '1', '--json'])
  let lines = ''
  live.child.stdout!.on('data', chunk => {
    lines += chunk
  })
  await until(world, 'the last record', 20, () => (lines.includes('\n') ? true : null))
  await produce(world, [{ value: view(9003), partition: homeOf(world, view(9003)) }])
  await until(world, 'what comes', 20, () => (lines.includes('page-9003') ? true : null))
  live.child.kill('SIGINT')
  expect((await live.ended).code).toBe(0)
  expect(
    lines
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as { topic: string }).topic),
  ).toHaveLength(2)

  // From a row to its line, and back.
  await world.complete('views')
  const manifest = (await readManifest(world.services, 'views'))!
  const line = `s3://${world.bucket}/${torusKey(145, 'page_viewed', 50)}`
  const told = await json<{ datasets: { dataset: string; place: { file: string; row: number } }[] }>(world, 'explain', `${line}#1`)
  const { file, row } = told.datasets[0]!.place
  const { url } = manifest.files.find(({ key }) => key === file)!
  expect(await json(world, 'explain', `${url}#${row}`)).toMatchObject({ event: { source: `${line}#1` }, statement: { text: view(9001) } })
  const repeat = await command(world, ['explain', `${line}#3`])
  expect([repeat.code, repeat.stdout]).toEqual([0, expect.stringMatching(/^fate +dropped as a repeat.*^told by +.*#1$/ms)])
  const ignored = await command(world, ['explain', '--learner', '9002', '--section', '145'])
  expect([ignored.code, ignored.stdout]).toEqual([
    0,
    expect.stringMatching(/^views +0 +0 +1 by ignored_student_ids: 9002 is one of them$/m),
  ])
  const nobody = await command(world, ['explain', '--learner', 'nobody', '--section', '145'])
  expect([nobody.code, nobody.stdout]).toEqual([1, expect.stringContaining('no statement of student nobody in section 145 is in xapi')])

  const watching = start(world, ['status', '--watch', '--every', '1', '--json'])
  let blocks = ''
  watching.child.stdout!.on('data', chunk => {
    blocks += chunk
  })
  await until(world, 'two looks', 30, () => (blocks.split('\n').length > 2 ? true : null))
  watching.child.kill('SIGINT')
  expect((await watching.ended).code).toBe(0)
  const { roles, totals } = JSON.parse(blocks.split('\n')[1]!) as { roles: { members: number; tasks: number }[]; totals: unknown }
  expect(roles.map(({ members, tasks }) => [members, tasks])).toEqual([
    [1, 4],
    [1, 4],
    [1, 4],
    [1, 4],
  ])
  expect(totals).toMatchObject({ refused: { invalid_json: 1 }, duplicates: 1 })
})

test('reset: refused while roles run, planned first, and the same datasets come out', async () => {
  const world = await makeWorld()
  await historyOf(world)
  const first = startInstance(world)
  await world.backfill({ sections: ['145'] })
  await world.complete('views')
  const before = await rowsOf(world, 'views')
  const { version } = (await readManifest(world.services, 'views'))!

  const live = await command(world, ['reset', '--yes'])
  expect([live.code, live.stderr]).toEqual([1, expect.stringContaining('ROLES_LIVE')])
  expect(await first.stop()).toBe(0)
  const plan = await command(world, ['reset'])
  expect([plan.code, plan.stderr]).toEqual([1, expect.stringContaining('--yes does it')])
  expect((await command(world, ['reset', '--dry-run'])).code).toBe(0)
  expect(await rowsOf(world, 'views')).toEqual(before)

  expect(await json(world, 'reset', '--yes')).toMatchObject({ done: true, scope: 'derived', live: [] })
  const second = startInstance(world)
  await produce(world, [{ value: view(9001), partition: homeOf(world, view(9001)) }])
  await world.complete('views')
  expect((await rowsOf(world, 'views')).sha256).toBe(before.sha256)
  const { services } = world
  const newest = (await readManifest(services, 'views'))!
  expect(newest.version).toBeGreaterThan(version)
  for (let next = version + 1; next <= newest.version; next++) {
    const body = await services.store.get(services.config.datasetsBucket, manifestVersionKey('views', next))
    expect((JSON.parse(body!.toString()) as { counts: { rows: number } }).counts.rows).toBe(before.rows.length)
  }
  expect(await json(world, 'verify', '--deep')).toMatchObject({ ok: true, problems: [], deep: { datasets: 1, skippedDatasets: 0 } })

  // And with nothing but S3 and the specs.
  expect(await second.stop()).toBe(0)
  expect(await json(world, 'reset', '--everything', '--yes')).toMatchObject({ done: true, scope: 'everything' })
  startInstance(world)
  await json(world, 'backfill', '--bucket', world.bucket, '--section', '145', '--wait')
  await world.complete('views')
  expect((await rowsOf(world, 'views')).sha256).toBe(before.sha256)
  expect(await json(world, 'verify', '--deep')).toMatchObject({ ok: true, problems: [] })
})
