import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '../../config.js'
import { folder, run } from './run-argv.js'

const servers = { KAFKA_BROKERS: 'kafka:9092', SCHEMA_REGISTRY_URL: 'http://registry', S3_ENDPOINT: 'http://s3' }
const key = { PSEUDONYM_KEY: 'a key of sixteen and more' }

/** What keeps `run` from running, each with what it says. */
const found: readonly (readonly [what: string, env: Readonly<Record<string, string>>, says: RegExp])[] = [
  ['no addresses', {}, /KAFKA_BROKERS.* no local stack is running/],
  ['empty addresses', { KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '' }, /KAFKA_BROKERS.* no local stack is running/],
  ['some of the addresses', { KAFKA_BROKERS: 'kafka:9092', ...key }, /SCHEMA_REGISTRY_URL.* is not set, but KAFKA_BROKERS/],
  ['a lone bucket to follow', { ...servers, ...key, FOLLOW_BUCKET: 'uploads' }, /FOLLOW_SECTIONS or FOLLOW_PREFIXES/],
  ['no key', servers, /PSEUDONYM_KEY.* is not set/],
  ['a key file that is not there', { ...servers, PSEUDONYM_KEY_FILE: '/nowhere/key' }, /PSEUDONYM_KEY_FILE.* cannot be read/],
  ['a short key', { ...servers, PSEUDONYM_KEY: 'short' }, /PSEUDONYM_KEY.* at least 16 characters/],
  ['SASL without brokers', { KAFKA_SASL_USER: 'ann' }, /KAFKA_SASL_USER.* KAFKA_BROKERS names/],
  ['a broker without a port', { ...servers, ...key, KAFKA_BROKERS: 'one:9092,two' }, /KAFKA_BROKERS.* each broker needs its port/],
  ['no URL', { ...servers, ...key, SCHEMA_REGISTRY_URL: 'registry:8081' }, /SCHEMA_REGISTRY_URL.* must be a URL/],
]

test.each(found)('config finds what run finds: %s', async (_, env, says) => {
  for (const argv of [['config'], ['run']]) {
    const { code, stderr } = await run(argv, env)
    expect([argv, code, stderr]).toEqual([argv, 1, expect.stringMatching(says)])
  }
})

test('with all that is needed config has nothing to say', async () => {
  const file = join(folder, 'a.key')
  writeFileSync(file, 'a key of sixteen and more\n')
  for (const more of [key, { PSEUDONYM_KEY_FILE: file }, { ...key, FOLLOW_BUCKET: '', PARTITIONS: '' }])
    expect(await run(['config'], { ...servers, ...more })).toMatchObject({ code: 0, stderr: '' })
})

test('a variable that is nearly called like a setting is named with it', async () => {
  const { stderr } = await run(['config'], {
    ...servers,
    ...key,
    FOLLOW_BUCKT: 'uploads',
    s3_regoin: 'eu-west-1',
    KAFKA_BROKER: 'kafka:9092',
  })
  expect(stderr).toBe(
    'FOLLOW_BUCKT is set and means nothing here: did you mean FOLLOW_BUCKET?\n' +
      's3_regoin is set and means nothing here: did you mean S3_REGION?\n',
  )
})

/** Whatever a person has put where. */
const secret = 'tell-nobody/1'
const within = encodeURIComponent(secret)
const carriers = Object.values(settings).filter(setting => 'secret' in setting)

test.each(carriers.map(({ env, ...setting }) => [env, setting] as const))('%s never shows what is secret in it', async (env, setting) => {
  expect(carriers.length).toBeGreaterThan(8)
  const given = 'secret' in setting && setting.secret === 'login' ? `http://ann:${within}@host:1/x?token=${within}` : secret
  for (const argv of [['config'], ['config', '--json'], ['status'], ['run'], ['topics', 'check', '--json']])
    for (const more of [{}, { PARTITIONS: 'many' }, { LOG_LEVEL: 'debug' }]) {
      const { stdout, stderr } = await run(argv, {
        ...servers,
        ...key,
        [env]: given,
        ...more,
        KAFKA_BROKERS: env === 'KAFKA_BROKERS' ? given : '',
      })
      for (const text of [secret, within]) expect(stdout + stderr).not.toContain(text)
    }
})

test('a secret that a message repeats is masked in it', async () => {
  const { stderr } = await run(['dataset', 'apply', `${secret}.yaml`], { AWS_SESSION_TOKEN: secret, LOG_LEVEL: 'debug' })
  expect(stderr).toContain('********.yaml')
  expect(stderr).not.toContain(secret)
})
