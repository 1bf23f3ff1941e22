import { instantMicros } from './schemas/dataset-spec.js'
import { TributaryError } from './schemas/errors.js'
import { masked, shownAddress, splitLogin } from './schemas/secrets.js'

/** One setting: the environment variable, what it means, its default and how it is read. `docs/config.md` is made from this table. */
export interface Setting<T> {
  readonly env: string
  readonly about: string
  /** As a person would type it; undefined = no default (a running local stack fills it in). */
  readonly default?: string
  /** Never shown; `login`: an address is shown without what may let somebody in. */
  readonly secret?: true | 'login'
  readonly parse: (text: string) => T
}

const text = (value: string) => value
const list = (value: string) =>
  value
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
const brokerList = (value: string) => {
  if (value.includes('@'))
    throw new Error('must be a list of host:port; user name and password are KAFKA_SASL_USER and KAFKA_SASL_PASSWORD')
  const brokers = list(value)
  if (!brokers.every(broker => /.:\d{1,5}$/.test(broker))) throw new Error('must be a list of host:port: each broker needs its port')
  return brokers
}
const webUrl = (value: string) => {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
    throw new Error('must be a URL that begins with http:// or https://')
  return value
}
/** Where user information would be sent nowhere, and printed in manifests and messages. */
const openUrl = (value: string) => {
  if (value === '') return value
  if (splitLogin(webUrl(value)).login !== null) throw new Error('must have no user name or password: S3 and SQS take AWS credentials')
  return value
}
const flag = (value: string) => {
  if (/^(1|true|yes|on)$/i.test(value)) return true
  if (/^(0|false|no|off|)$/i.test(value)) return false
  throw new Error('must be true or false')
}
const whole = (low: number, high: number) => (value: string) => {
  const n = Number(value)
  if (!Number.isInteger(n) || n < low || n > high) throw new Error(`must be a whole number from ${low} to ${high}`)
  return n
}

/** Milliseconds since 1970; empty = null. */
const instant = (value: string) => {
  if (value === '') return null
  const micros = instantMicros(value)
  if (micros === null) throw new Error('must be a date (2024-09-01) or an instant with its zone (2024-09-01T08:00:00Z)')
  return Math.floor(micros / 1000)
}

export const settings = {
  brokers: { env: 'KAFKA_BROKERS', about: 'Comma-separated host:port list of the Kafka brokers.', secret: 'login', parse: brokerList },
  registry: {
    env: 'SCHEMA_REGISTRY_URL',
    about: 'Base URL of a Confluent-compatible schema registry. A user name and password in it are sent as a header and never shown.',
    secret: 'login',
    parse: webUrl,
  },
  s3Endpoint: {
    env: 'S3_ENDPOINT',
    about: 'URL of the S3 server; not set, where KAFKA_BROKERS is, = Amazon S3 in S3_REGION.',
    secret: 'login',
    parse: openUrl,
  },
  s3Region: { env: 'S3_REGION', about: 'Region of the buckets.', default: 'us-east-1', parse: text },
  s3PublicUrl: {
    env: 'S3_PUBLIC_URL',
    about: 'Base of the URLs in manifests, when people reach S3 by another address.',
    default: '',
    secret: 'login',
    parse: openUrl,
  },
  s3AccessKeyId: {
    env: 'AWS_ACCESS_KEY_ID',
    about: 'Credentials of S3 and SQS. Not set = the AWS SDK looks on: profile, SSO, web identity, role of the container or the machine.',
    default: '',
    parse: text,
  },
  s3SecretAccessKey: { env: 'AWS_SECRET_ACCESS_KEY', about: 'Goes with AWS_ACCESS_KEY_ID.', default: '', secret: true, parse: text },
  s3SessionToken: { env: 'AWS_SESSION_TOKEN', about: 'Of temporary credentials.', default: '', secret: true, parse: text },
  datasetsBucket: { env: 'DATASETS_BUCKET', about: 'Bucket that the datasets are written to.', default: 'datasets', parse: text },
  topicPrefix: { env: 'TOPIC_PREFIX', about: 'Put before every topic, group and transactional id.', default: '', parse: text },
  generation: {
    env: 'GENERATION',
    about: 'Generation of the derived topics. 1 was of releases whose records this one does not read.',
    default: '2',
    parse: whole(2, 1_000_000),
  },
  partitions: {
    env: 'PARTITIONS',
    about: 'Partitions of every topic; fixed when the topics are created.',
    default: '12',
    parse: whole(1, 1024),
  },
  replication: {
    env: 'REPLICATION',
    about: 'Copies of every partition; 0 = three, or as many as there are brokers.',
    default: '0',
    parse: whole(0, 9),
  },
  maxStatementBytes: {
    env: 'MAX_STATEMENT_BYTES',
    about: 'Longer statements become dead letters (too_large).',
    default: '4194304',
    parse: whole(1024, 64 << 20),
  },
  dataDir: { env: 'TRIBUTARY_DATA_DIR', about: 'Folder of local state and of the local stack.', default: '.tributary', parse: text },
  commitMs: { env: 'COMMIT_MS', about: 'How often a live task commits, in milliseconds.', default: '1000', parse: whole(10, 60_000) },
  commitBytes: {
    env: 'COMMIT_BYTES',
    about: 'Input bytes after which a task that is behind commits.',
    default: '2097152',
    parse: whole(10_000, 64 << 20),
  },
  fetchBytes: {
    env: 'FETCH_BYTES',
    about: 'Most bytes of one fetch of one partition, compressed as they lie in Kafka.',
    default: '131072',
    parse: whole(10_000, 64 << 20),
  },
  pieceBytes: {
    env: 'PIECE_BYTES',
    about: 'Bytes of rows of one dataset in one partition after which it is flushed without waiting for freshness.',
    default: '4194304',
    parse: whole(10_000, 64 << 20),
  },
  openBytes: {
    env: 'OPEN_BYTES',
    about: 'Bytes of rows that a sink process holds for all its datasets; beyond half of it the largest are flushed.',
    default: '67108864',
    parse: whole(100_000, 2 ** 32),
  },
  rollBytes: {
    env: 'ROLL_BYTES',
    about: 'Dataset files are merged up to this size.',
    default: '33554432',
    parse: whole(10_000, 512 << 20),
  },
  bucketBytes: {
    env: 'BUCKET_BYTES',
    about: 'Most bytes of a file of a snapshot (kinds learners and sessions); beyond it a bucket is parted into more files.',
    default: '8388608',
    parse: whole(1000, 1 << 30),
  },
  putsPerSecond: { env: 'PUTS_PER_SECOND', about: 'PUT budget of one sink process.', default: '50', parse: whole(1, 10_000) },
  followBucket: {
    env: 'FOLLOW_BUCKET',
    about: 'Bucket whose new objects `run` follows; empty = none.',
    default: '',
    parse: text,
  },
  followSections: { env: 'FOLLOW_SECTIONS', about: 'Sections to follow, comma-separated.', default: '', parse: list },
  followPrefixes: {
    env: 'FOLLOW_PREFIXES',
    about: 'Prefixes to follow, comma-separated; with sections only those below them. One of the two is needed.',
    default: '',
    parse: list,
  },
  followCategories: { env: 'FOLLOW_CATEGORIES', about: 'Only these folders of a section; empty = all.', default: '', parse: list },
  followSince: {
    env: 'FOLLOW_SINCE',
    about: 'Uploads before this time are history; empty = those before the first start.',
    default: '',
    parse: instant,
  },
  followQueueUrl: {
    env: 'FOLLOW_QUEUE_URL',
    about: "URL of an SQS queue with the bucket's event messages; empty = new objects are found by listing.",
    default: '',
    secret: 'login',
    parse: openUrl,
  },
  followEverySeconds: {
    env: 'FOLLOW_EVERY_SECONDS',
    about: 'How often a folder is looked into.',
    default: '5',
    parse: whole(1, 86_400),
  },
  followOverlapSeconds: {
    env: 'FOLLOW_OVERLAP_SECONDS',
    about: 'So much later than its name says an object may appear: slow uploads, clocks that differ.',
    default: '900',
    parse: whole(1, 31_536_000),
  },
  followListsPerSecond: {
    env: 'FOLLOW_LISTS_PER_SECOND',
    about: 'What looking may cost: listing requests a second.',
    default: '10',
    parse: whole(1, 1000),
  },
  sessionTimeoutMs: {
    env: 'SESSION_TIMEOUT_MS',
    about: 'After this long without a heartbeat the tasks of an instance go to others.',
    default: '10000',
    parse: whole(1000, 600_000),
  },
  transactionTimeoutMs: {
    env: 'TRANSACTION_TIMEOUT_MS',
    about: 'After this long the broker aborts an open transaction.',
    default: '15000',
    parse: whole(1000, 900_000),
  },
  pseudonymKey: {
    env: 'PSEUDONYM_KEY',
    about: 'Key of the pseudonyms (anonymize: true), at least 16 characters.',
    default: '',
    secret: true,
    parse: text,
  },
  pseudonymKeyFile: {
    env: 'PSEUDONYM_KEY_FILE',
    about: 'File with the key of the pseudonyms. With neither, the local stack gets one of its own in the data folder.',
    default: '',
    parse: text,
  },
  allowPublicKey: {
    env: 'ALLOW_PUBLIC_KEY',
    about: 'Make pseudonyms also with the key of the compose file, which everybody knows: only where all learners are made up.',
    default: 'false',
    parse: flag,
  },
  logLevel: {
    env: 'LOG_LEVEL',
    about: 'debug, info, warn or error.',
    default: 'info',
    parse: (value: string) => {
      if (!['debug', 'info', 'warn', 'error', 'silent'].includes(value)) throw new Error('must be debug, info, warn or error')
      return value
    },
  },
  kafkaSsl: { env: 'KAFKA_SSL', about: 'Speak TLS to the brokers.', default: 'false', parse: flag },
  kafkaUser: { env: 'KAFKA_SASL_USER', about: 'User name for SASL/SCRAM-SHA-512; empty = no SASL.', default: '', parse: text },
  kafkaPassword: { env: 'KAFKA_SASL_PASSWORD', about: 'Password for SASL.', default: '', secret: true, parse: text },
} as const satisfies Record<string, Setting<unknown>>

type Settings = typeof settings
/** All settings with values; those without a default may be undefined until a stack is found. */
export type Config = {
  readonly [K in keyof Settings]: Settings[K] extends { default: string }
    ? ReturnType<Settings[K]['parse']>
    : ReturnType<Settings[K]['parse']> | undefined
}

type Environment = Readonly<Record<string, string | undefined>>
const table = Object.entries(settings) as [keyof Settings, Setting<unknown>][]

/** What was given. Empty is not set: Compose and shells pass on variables that nobody has filled in. */
const givenIn = (env: Environment, { env: name }: Setting<unknown>) => (env[name] === '' ? undefined : env[name])

/** Reads the environment. All mistakes are reported at once, each with the variable and what it must be. */
export function readConfig(env: Environment): Config {
  const mistakes: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of table) {
    const given = givenIn(env, setting) ?? setting.default
    if (given === undefined) continue
    const mistake = mistakeOf(setting, given)
    if (mistake === null) values[name] = setting.parse(given)
    else mistakes.push(`${setting.env}=${shown(setting, given)}: ${mistake}`)
  }
  for (const { env: name, mistake } of relatedMistakes(env)) mistakes.push(`${name}: ${mistake}`)
  if (mistakes.length) throw new TributaryError('CONFIG_INVALID', mistakes.join('; '))
  return values as unknown as Config
}

/** Something wrong with a setting. */
export interface SettingMistake {
  readonly env: string
  readonly mistake: string
}

/** What is wrong with settings beside each other. */
function relatedMistakes(env: Environment): readonly SettingMistake[] {
  const given = (setting: Setting<unknown>) => givenIn(env, setting)
  const mistakes: SettingMistake[] = []
  const key = given(settings.pseudonymKey)
  if (key !== undefined && key.length < 16) mistakes.push({ env: settings.pseudonymKey.env, mistake: 'must have at least 16 characters' })
  for (const setting of [settings.kafkaUser, settings.kafkaPassword])
    if (given(setting) !== undefined && given(settings.brokers) === undefined)
      mistakes.push({ env: setting.env, mistake: `is of the brokers that ${settings.brokers.env} names, and that is not set` })
  return mistakes
}

/** One row of `tributary config`. */
export interface SettingRow {
  readonly env: string
  readonly about: string
  /** As given or by default; secrets are masked; null = not set, the local stack fills it in. */
  readonly value: string | null
  readonly from: 'environment' | 'default' | 'local stack'
  readonly mistake: string | null
}

export function settingRows(env: Environment): readonly SettingRow[] {
  const related = relatedMistakes(env)
  return table.map(([, setting]) => {
    const given = givenIn(env, setting)
    const text = given ?? setting.default
    const from = given !== undefined ? 'environment' : text === undefined ? 'local stack' : 'default'
    const own = text === undefined ? null : mistakeOf(setting, text)
    const mistake = own ?? related.find(found => found.env === setting.env)?.mistake ?? null
    return { env: setting.env, about: setting.about, value: text === undefined ? null : shown(setting, text), from, mistake }
  })
}

/** All that must never be seen in what Tributary writes, as the environment has it. */
export const secretsIn = (env: Environment) => secretsAmong((_, setting) => givenIn(env, setting))

/** The same of settings that were read. */
export const secretsOf = (config: Config) => secretsAmong(name => config[name])

function secretsAmong(lookUp: (name: keyof Settings, setting: Setting<unknown>) => unknown): readonly string[] {
  return table.flatMap(([name, setting]) => {
    const value = lookUp(name, setting)
    if (typeof value !== 'string' || setting.secret === undefined) return []
    const secret = setting.secret === true ? value : splitLogin(value).login?.password
    return secret ? [secret] : []
  })
}

function shown({ secret }: Setting<unknown>, text: string): string {
  if (text === '' || secret === undefined) return text
  return secret === true ? masked : shownAddress(text)
}

function mistakeOf(setting: Setting<unknown>, text: string): string | null {
  try {
    setting.parse(text)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
