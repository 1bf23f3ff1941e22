import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { settings } from '../../config.js'
import { noRunCounts } from '../../producers/object-counts.js'
import { stopStack } from '../../stack/stack.js'
import { command, start } from '../driver/command-line.js'
import { startInstance } from '../driver/instance.js'
import { jsonl, torusKey, uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf } from '../driver/results.js'
import { countOf, kindsOfDataset, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const facts = 1000

async function json(world: World, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await command(world, [...args, '--json'])
  if (code !== 0) throw new Error(`tributary ${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`)
  // Exactly one document.
  return JSON.parse(stdout) as Record<string, unknown>
}

function specFile(world: World, name: string, text: string): string {
  const file = join(world.folder, name)
  writeFileSync(file, text)
  return file
}

test('from an empty bucket to files on disk, as a person and as a script', async () => {
  const world = await makeWorld()
  await world.put([
    ...uploads(145, 'video', statements(0, facts, { section: 145 }), 100),
    { key: torusKey(145, 'video', 99), body: jsonl(['{"spoilt', '', '']) },
  ])
  const instance = startInstance(world)
  await until(world, 'run to have started', 30, () => (instance.log().includes('publish started') ? true : null))
  await until(world, 'every role to be healthy', 30, async () => ((await command(world, ['health'])).code === 0 ? true : null))

  const yaml = 'id: attempts\nkind: attempt_evaluated\nsection_ids: [145]\nanonymize: "ids"\nfreshness: 1\n'
  const applied = await json(world, 'dataset', 'apply', specFile(world, 'attempts.yaml', yaml))
  expect(applied).toMatchObject({ id: 'attempts', changed: true, spec: { kind: 'attempt_evaluated', section_ids: ['145'] } })
  const unchanged = await command(world, ['dataset', 'apply', '-'], yaml)
  expect([unchanged.code, unchanged.stdout]).toEqual([0, `attempts: unchanged (revision ${applied.revision})\n`])

  const request = ['backfill', '--bucket', world.bucket, '--section', '145']
  const plan = await json(world, ...request, '--dry-run')
  expect(plan).toEqual({ objects: 11, bytes: plan.bytes, skipped: 0, sections: ['145'], notTaken: [], empty: [], resumes: null })
  const sum = await json(world, ...request, '--wait')
  expect(sum).toEqual({
    id: expect.any(String),
    objects: 11,
    skipped: 0,
    before: noRunCounts,
    bytes: plan.bytes,
    lines: facts + 2,
    blank: 1,
    published: facts + 1,
    refused: {},
    outcome: { events: facts, duplicates: 0, deadLetters: { invalid_json: 1 } },
    notTaken: [],
    empty: [],
    loads: { sections: ['145'], categories: {} },
    seconds: expect.any(Number),
  })
  const again = await command(world, request)
  expect(again.code).toBe(0)
  expect(again.stdout.trimEnd().split('\n').at(-1)).toBe('lines 0 = blank 0 + published 0 + refused 0')

  const rows = countOf(0, facts, kindsOfDataset.attempt_evaluated)
  const manifest = await json(world, 'dataset', 'wait', 'attempts', '--backfill', String(sum.id), '--timeout', '60')
  expect(manifest).toMatchObject({ dataset: 'attempts', counts: { rows }, sections: [{ section: '145', history: 'loaded' }] })
  const shown = await json(world, 'dataset', 'show', 'attempts')
  expect(shown).toMatchObject({
    dataset: 'attempts',
    generation: Number(settings.generation.default),
    chunks: expect.any(Array),
    files: expect.any(Array),
    producedBy: expect.any(Object),
  })
  expect(await json(world, 'dataset', 'list')).toEqual([expect.objectContaining({ id: 'attempts', state: 'current', rows })])

  const folder = join(world.folder, 'downloaded')
  const { files } = (await json(world, 'dataset', 'download', 'attempts', '--to', folder)) as { files: string[] }
  expect(files.map(file => file.slice(folder.length + 1))).toEqual((shown.files as { key: string }[]).map(({ key }) => key))
  expect(files.every(file => readFileSync(file, 'utf8').startsWith((shown.columns as string[]).join(',')))).toBe(true)
  expect(existsSync(join(folder, 'attempts', 'manifest.json'))).toBe(true)

  const pinned = (await json(world, 'dataset', 'pin', 'attempts', '--note', 'a test')) as {
    pin: { version: number; contentSha256: string }
  }
  const { version, contentSha256 } = pinned.pin
  expect(await json(world, 'dataset', 'pins')).toEqual({ pins: [expect.objectContaining({ state: 'pinned', version, contentSha256 })] })
  const cited = join(world.folder, 'cited')
  const copy = await json(world, 'dataset', 'download', 'attempts', String(version), '--to', cited)
  expect(copy).toMatchObject({ version, contentSha256 })
  const list = readFileSync(join(cited, 'attempts', 'pins', `${String(version).padStart(10, '0')}.sha256`))
  expect(createHash('sha256').update(list).digest('hex')).toBe(contentSha256)
  const unpin = ['dataset', 'unpin', 'attempts', String(version), '--reason', 'a test']
  const asked = await command(world, unpin)
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining('--yes does it')])
  expect(await json(world, ...unpin, '--yes')).toMatchObject({ done: true, pin: { state: 'withdrawn' } })
  expect(await json(world, 'dataset', 'pin', 'attempts')).toMatchObject({ pin: { state: 'pinned' } })

  const status = await json(world, 'status')
  expect(status.partitions).toHaveLength(4)
  expect(status.totals).toMatchObject({ events: facts, duplicates: 0, deadLetters: 1, routeLag: 0 })
  expect(status.datasets).toEqual([expect.objectContaining({ id: 'attempts', state: 'current', ageSeconds: expect.any(Number) })])
  const verdict = await json(world, 'verify')
  expect(verdict).toMatchObject({ ok: true, problems: [], ledger: { events: facts, duplicates: 0, deadLetters: 1, misplaced: 0 } })
  expect(await json(world, 'topics', 'check')).toMatchObject({ ok: true, findings: [] })
  const config = (await json(world, 'config')) as unknown as { env: string; value: string | null; from: string }[]
  expect(config.find(({ env }) => env === 'TOPIC_PREFIX')).toMatchObject({ value: world.env.TOPIC_PREFIX, from: 'environment' })
  expect(config.find(({ env }) => env === 'PSEUDONYM_KEY')?.value).toBe('********')

  // Most of it is refused, and a misspelt section is not there: neither is a success.
  await world.put([{ key: 'notes/x.jsonl', body: Buffer.from('{"note": 1}\n{"note": 2}') }])
  const notes = await command(world, ['backfill', '--bucket', world.bucket, '--prefix', 'notes/', '--wait', '--json'])
  const { outcome } = JSON.parse(notes.stdout) as { outcome: object }
  expect([notes.code, outcome]).toEqual([1, { events: 0, duplicates: 0, deadLetters: { missing_key: 2 } }])
  expect(notes.stderr).toContain('2 of 2 lines were refused')
  const nowhere = await command(world, ['backfill', '--bucket', world.bucket, '--section', '1455', '--dry-run'])
  expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('section/ has 145/')])

  // A broken promise is found: somebody has replaced a listed file.
  const broken = (shown.files as { key: string }[])[0]!.key
  await world.services.store.put(world.services.config.datasetsBucket, broken, Buffer.from('other\n'), 'text/csv')
  const found = await command(world, ['verify', '--json'])
  expect([found.code, JSON.parse(found.stdout)]).toMatchObject([
    1,
    { ok: false, problems: expect.arrayContaining([expect.stringContaining(broken)]) },
  ])

  expect(await instance.stop()).toBe(0)
  const lines = instance.log().trimEnd().split('\n')
  // Also what the supervisor says: a collector of logs takes every line.
  expect(lines.map(line => JSON.parse(line)).at(-1)).toMatchObject({ level: 30, msg: 'stopped' })
  const waited = await command(world, ['dataset', 'wait', 'nobody', '--timeout', '1'])
  expect(waited.code).toBe(2)
})

test('Ctrl-C ends a backfill cleanly, and the same command goes on', async () => {
  const world = await makeWorld()
  await world.put(uploads(145, 'video', statements(0, facts), 50))
  const request = ['backfill', '--bucket', world.bucket, '--section', '145']
  const running = start(world, [...request, '--limit-rate', '100'])
  await until(world, 'it to read', 30, async () => ((await recordsOf(world, 'xapi')).length > 0 ? true : null))
  running.child.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(1)
  expect(stderr).toContain('it goes on where it stopped')
  const plan = await json(world, ...request, '--dry-run')
  expect(plan.resumes).toEqual(expect.any(String))
  expect(Number(plan.skipped) + Number(plan.objects)).toBe(20)
})

test('wrong usage and wrong specs: every mistake at once, and the exit code says whose it is', async () => {
  const world = await makeWorld()
  const unknown = await command(world, ['backfill', '--bucket', 'b', '--sections', '1'])
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--section')])
  const lacking = await command(world, ['backfill', '--limit-rate', 'fast', '--since', 'yesterday'])
  expect(lacking.code).toBe(2)
  for (const flag of ['--bucket', '--limit-rate', '--since']) expect(lacking.stderr).toContain(flag)
  expect((await command(world, ['backfill', '--bucket', world.bucket])).code).toBe(2)
  expect((await command(world, ['dance'])).code).toBe(2)

  const file = specFile(
    world,
    'wrong.yaml',
    'id: "-"\nkind: video\nsection_id: [1]\nsub_types: [plaied]\nexclude_fields: [vidio_url]\nfreshness: 0\nanonymize: false\n',
  )
  const wrong = await command(world, ['dataset', 'apply', file])
  expect(wrong.code).toBe(1)
  for (const part of ['id', 'section_id', 'plaied', 'vidio_url', 'freshness', 'anonymize']) expect(wrong.stderr).toContain(part)
  const asJson = await command(world, ['dataset', 'apply', file, '--json'])
  expect([asJson.code, JSON.parse(asJson.stdout)]).toEqual([1, { error: { code: 'SPEC_INVALID', message: expect.any(String) } }])

  const misconfigured = { ...world, env: { ...world.env, PARTITIONS: 'many', COMMIT_MS: '1' } }
  const refused = await command(misconfigured, ['status'])
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/PARTITIONS.*COMMIT_MS|COMMIT_MS.*PARTITIONS/s)])
  const mismatch = await command({ ...world, env: { ...world.env, PARTITIONS: '5' } }, ['run'])
  expect([mismatch.code, mismatch.stderr]).toEqual([1, expect.stringContaining('has 4 partitions, must have 5')])
})

test('a local stack of its own: up, commands without addresses, down', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-e2e-'))
  const cleanups: (() => Promise<void>)[] = []
  const mine = {
    env: { HOME: homedir(), TRIBUTARY_DATA_DIR: folder },
    atEnd: (cleanup: () => Promise<void>) => void cleanups.push(cleanup),
  }
  try {
    const none = await command(mine, ['stack', 'status'])
    expect(none.code).toBe(1)
    const up = await command(mine, ['up', '--detach', '--json'])
    const services = JSON.parse(up.stdout) as Record<string, unknown>
    expect([up.code, services]).toEqual([
      0,
      {
        brokers: [expect.stringMatching(/^127\.0\.0\.1:\d+$/)],
        registry: expect.stringMatching(/^http/),
        s3: {
          endpoint: expect.any(String),
          region: expect.any(String),
          accessKeyId: expect.any(String),
          secretAccessKey: expect.any(String),
        },
      },
    ])
    expect(JSON.parse((await command(mine, ['stack', 'status', '--json'])).stdout)).toEqual(services)
    expect((await command(mine, ['topics', 'create'])).code).toBe(0)
    expect((await command(mine, ['topics', 'check'])).code).toBe(0)
    expect((await command(mine, ['down'])).code).toBe(0)
    expect((await command(mine, ['topics', 'check'])).code).toBe(1)
  } finally {
    for (const cleanup of cleanups) await cleanup()
    await stopStack(folder)
    rmSync(folder, { recursive: true, force: true })
  }
})
