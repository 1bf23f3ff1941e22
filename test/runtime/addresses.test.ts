import { readConfig } from '../../config.js'
import { addressesOf, usesLocalStack } from '../../runtime/addresses.js'

const s3 = { endpoint: 'http://127.0.0.1:7', region: 'us-east-1', accessKeyId: 'tributary', secretAccessKey: 'local' }
const local = { brokers: ['127.0.0.1:5'], registry: 'http://127.0.0.1:6', s3 }
const all = { KAFKA_BROKERS: 'kafka:9092', SCHEMA_REGISTRY_URL: 'http://registry', S3_ENDPOINT: 'http://s3' }
const of = (env: Readonly<Record<string, string>>, stack: typeof local | null = local) => addressesOf(readConfig(env), stack)

test('nothing named: all from the local stack, or an error that says how to start it', () => {
  for (const env of [{}, { KAFKA_BROKERS: '', S3_ENDPOINT: '', FOLLOW_QUEUE_URL: '' }]) {
    expect(of(env)).toBe(local)
    expect(usesLocalStack(readConfig(env))).toBe(true)
    expect(() => of(env, null)).toThrow(/CONFIG_INVALID .*KAFKA_BROKERS.*SCHEMA_REGISTRY_URL.*tributary up/)
  }
})

test('all named: nothing from the local stack, its credentials neither', () => {
  const named = { brokers: ['kafka:9092'], registry: 'http://registry' }
  const account = { region: 'us-east-1', accessKeyId: '', secretAccessKey: '' }
  expect(of({ ...all, AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'hidden' })).toEqual({
    ...named,
    s3: { endpoint: 'http://s3', ...account },
  })
  const { S3_ENDPOINT: _, ...amazon } = all
  expect(of(amazon)).toEqual({ ...named, s3: { endpoint: '', ...account } })
})

test('some named: refused whether a stack runs or not, by the names of those that lack', () => {
  for (const env of [
    { KAFKA_BROKERS: 'kafka:9092' },
    { SCHEMA_REGISTRY_URL: 'http://registry' },
    { S3_ENDPOINT: 'http://s3' },
    { FOLLOW_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/uploads' },
    { KAFKA_BROKERS: 'kafka:9092', S3_ENDPOINT: 'http://s3' },
  ]) {
    const [first] = Object.keys(env)
    for (const stack of [local, null]) expect(() => of(env, stack)).toThrow(new RegExp(`is not set, but .*${first}`))
  }
})
