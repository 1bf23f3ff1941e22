import { instantMicros } from './schemas/dataset-spec.js'
import { TributaryError } from './schemas/errors.js'

/** One setting: the environment variable, what it means, its default and how it is read. `docs/config.md` is made from this table. */
export interface Setting<T> {
  readonly env: string
  readonly about: string
  /** As a person would type it; undefined = no default (a running local stack fills it in). */
  readonly default?: string
  readonly secret?: true
  readonly parse: (text: string) => T
}

const text = (value: string) => value
const list = (value: string) =>
  value
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
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
  brokers: { env: 'KAFKA_BROKERS', about: 'Comma-separated host:port list of the Kafka brokers.', parse: list },
  registry: { env: 'SCHEMA_REGISTRY_URL', about: 'Base URL of a Confluent-compatible schema registry.', parse: text },
  s3Endpoint: { env: 'S3_ENDPOINT', about: 'URL of the S3 server; empty = Amazon S3 in S3_REGION.', parse: text },
  s3Region: { env: 'S3_REGION', about: 'Region of the buckets.', default: 'us-east-1', parse: text },
  s3PublicUrl: {
    env: 'S3_PUBLIC_URL',
    about: 'Base of the URLs in manifests, when people reach S3 by another address.',
    default: '',
    parse: text,
  },
  s3AccessKeyId: {
    env: 'AWS_ACCESS_KEY_ID',
    about: 'S3 credentials; absent = the SDK looks in its usual places.',
    default: '',
    parse: text,
  },
  s3SecretAccessKey: { env: 'AWS_SECRET_ACCESS_KEY', about: 'S3 credentials.', default: '', secret: true, parse: text },
  datasetsBucket: { env: 'DATASETS_BUCKET', about: 'Bucket that the datasets are written to.', default: 'datasets', parse: text },
  topicPrefix: { env: 'TOPIC_PREFIX', about: 'Put before every topic, group and transactional id.', default: '', parse: text },
  generation: { env: 'GENERATION', about: 'Generation of the derived topics.', default: '1', parse: whole(1, 1_000_000) },
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
    about: 'Rendered bytes of one sink task after which it flushes without waiting for freshness.',
    default: '4194304',
    parse: whole(10_000, 64 << 20),
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
    parse: text,
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

/** Reads the environment. All mistakes are reported at once, each with the variable and what it must be. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const mistakes: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const given = env[setting.env] ?? setting.default
    if (given === undefined) continue
    try {
      values[name] = setting.parse(given)
    } catch (error) {
      mistakes.push(`${setting.env}=${setting.secret ? '…' : given}: ${(error as Error).message}`)
    }
  }
  const key = values.pseudonymKey as string | undefined
  if (key && key.length < 16) mistakes.push('PSEUDONYM_KEY: must have at least 16 characters')
  if (mistakes.length) throw new TributaryError('CONFIG_INVALID', mistakes.join('; '))
  return values as unknown as Config
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

export function settingRows(env: Readonly<Record<string, string | undefined>>): readonly SettingRow[] {
  return Object.values<Setting<unknown>>(settings).map(setting => {
    const given = env[setting.env]
    const text = given ?? setting.default
    const value = text !== undefined && text !== '' && setting.secret ? '********' : (text ?? null)
    const from = given !== undefined ? 'environment' : text === undefined ? 'local stack' : 'default'
    return { env: setting.env, about: setting.about, value, from, mistake: text === undefined ? null : mistakeOf(setting, text) }
  })
}

function mistakeOf(setting: Setting<unknown>, text: string): string | null {
  try {
    setting.parse(text)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
