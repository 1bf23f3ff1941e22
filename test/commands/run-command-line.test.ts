import { join } from 'node:path'
import { folder, run } from './run-argv.js'

test('wrong usage is 2 and says so on standard error', async () => {
  expect(await run(['stauts'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean status?') })
})

test('with --json a mistake of usage is one JSON document too', async () => {
  const { code, stdout } = await run(['backfill', '--json'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'WRONG_USAGE', message: expect.stringContaining('--bucket is missing') } })
})

test('an error is its text without a stack, and exit code 1', async () => {
  const { code, stdout, stderr } = await run(['topics', 'check'])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^CONFIG_INVALID .*KAFKA_BROKERS.*tributary up.*\n$/)
})

test('what needs S3 alone names the local stack where there is none, and no credentials', async () => {
  const before = { ...process.env }
  // The SDK asks the process, and what the machine of a developer has is not asked.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' })
  const { code, stderr } = await run(['dataset', 'show', 'attempts']).finally(() => (process.env = before))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^AWS_CREDENTIALS .*tributary up/s)
})

test('with --json an error is one document on standard output', async () => {
  const { code, stdout } = await run(['stack', 'status', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'KAFKA_UNREACHABLE' } })
})

test('where an error comes from is said only when asked', async () => {
  expect((await run(['stack', 'status'], { LOG_LEVEL: 'debug' })).stderr).toMatch(/\n {4}at /)
  expect((await run(['stack', 'status'])).stderr).not.toMatch(/\n {4}at /)
})

test('config masks secrets and reports every mistake', async () => {
  const env = { PARTITIONS: 'many', LOG_LEVEL: 'loud', AWS_SECRET_ACCESS_KEY: 'tell-nobody' }
  const { code, stdout, stderr } = await run(['config', '--json'], env)
  expect(code).toBe(1)
  expect(stdout + stderr).not.toContain('tell-nobody')
  expect(stderr).toMatch(/PARTITIONS: must be a whole number/)
  expect(stderr).toMatch(/LOG_LEVEL: must be debug/)
  const rows = JSON.parse(stdout) as { env: string; value: string }[]
  expect(rows.find(row => row.env === 'AWS_SECRET_ACCESS_KEY')).toMatchObject({ value: '********', from: 'environment' })
})

test('a spec whose text is no YAML is refused with its line', async () => {
  const { writeFileSync } = await import('node:fs')
  const file = join(folder, 'spec.yaml')
  writeFileSync(file, 'id: a\nid: b\n  kind: [\n')
  const { code, stderr } = await run(['dataset', 'apply', file])
  expect(code).toBe(1)
  expect(stderr).toMatch(/SPEC_INVALID .*at line 2/)
})

test('a spec that is not there is no mistake of a spec', async () => {
  const { code, stderr } = await run(['dataset', 'apply', join(folder, 'nowhere.yaml')])
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^WRONG_USAGE .*no such file.*nowhere\.yaml/)])
})

test('what the role follow lacks is said before anything starts', async () => {
  for (const [argv, env] of [
    [['run', '--roles', 'route,follow'], {}],
    [['run'], { FOLLOW_BUCKET: 'uploads' }],
  ] as const) {
    const { code, stderr } = await run(argv, env)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/CONFIG_INVALID .*FOLLOW_BUCKET, and FOLLOW_SECTIONS or FOLLOW_PREFIXES/)])
  }
})
