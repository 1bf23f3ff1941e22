import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Config, secretsOf } from '../config.js'
import { TributaryError } from '../schemas/errors.js'
import { redactor } from '../schemas/secrets.js'
import type { Naming } from '../schemas/topics.js'
import { publicKey } from '../sinks/identity.js'
import { type Addresses, usesLocalStack } from './addresses.js'
import { type Clock, systemClock } from './clock.js'
import { kafkaLog } from './kafka/kafka-log.js'
import type { Log } from './log.js'
import { type Logger, makeLogger } from './logger.js'
import type { ObjectStore } from './object-store.js'
import { confluentRegistry, type RegistryPatience } from './registry/confluent-registry.js'
import type { Registry } from './registry/registry.js'
import { s3Store } from './s3/s3-store.js'

/** The opened clients that commands and roles work with. */
export interface Services {
  readonly addresses: Addresses
  readonly config: Config
  readonly naming: Naming
  readonly log: Log
  readonly store: ObjectStore
  readonly registry: Registry
  readonly clock: Clock
  readonly logger: Logger
  /** Base of the URLs in manifests, with the bucket. */
  readonly publicUrl: string
  /** Throws AWS_CREDENTIALS where there are none, without asking the object store for anything. */
  requireCredentials(): Promise<void>
  close(): Promise<void>
}

export function openServices(
  config: Config,
  addresses: Addresses,
  name: string,
  signal?: AbortSignal,
  registryPatience: RegistryPatience = {},
): Services {
  const logger = makeLogger(config.logLevel, { name }, redactor([...secretsOf(config), addresses.s3.secretAccessKey]))
  const log = kafkaLog({
    brokers: [...addresses.brokers],
    clientId: `tributary-${name}`,
    transactionTimeoutMs: config.transactionTimeoutMs,
    // At least three heartbeats fit into a session, as Kafka's own clients have it; what an instance leaves behind waits for the next one.
    membership: { sessionMs: config.sessionTimeoutMs, heartbeatMs: Math.min(1000, Math.floor(config.sessionTimeoutMs / 3)) },
    ...(config.kafkaSsl ? { ssl: true } : {}),
    ...(config.kafkaUser ? { sasl: { mechanism: 'scram-sha-512', username: config.kafkaUser, password: config.kafkaPassword } } : {}),
    // Measured (docs/decisions/0010): about the CPU of no compression and a fifth of the bytes.
    compression: 'lz4',
    logger: { debug: text => logger.debug({}, text) },
  })
  const store = s3Store(addresses.s3, systemClock)
  const base = config.s3PublicUrl || addresses.s3.endpoint || `https://s3.${addresses.s3.region}.amazonaws.com`
  return {
    addresses,
    config,
    naming: { prefix: config.topicPrefix, generation: config.generation },
    log,
    store,
    registry: confluentRegistry(addresses.registry, systemClock, logger, signal, registryPatience),
    clock: systemClock,
    logger,
    publicUrl: `${base.replace(/\/$/, '')}/${config.datasetsBucket}`,
    requireCredentials: store.requireCredentials,
    async close() {
      await log.close()
      store.close()
    },
  }
}

/**
 * The key of the pseudonyms: given, read from a file, or, on the local stack only, made once in the data folder. Elsewhere it must be given:
 * two machines that each made their own would give one learner two pseudonyms.
 */
export function pseudonymKey(config: Config): string {
  if (config.pseudonymKey) return config.pseudonymKey
  const file = config.pseudonymKeyFile || join(config.dataDir, 'pseudonym.key')
  if (!config.pseudonymKeyFile) {
    if (!usesLocalStack(config))
      throw new TributaryError('CONFIG_INVALID', 'PSEUDONYM_KEY or PSEUDONYM_KEY_FILE must be set, to the same key for all instances')
    makeKey(file)
  }
  const key = readKey(file)
  if (key.length < 16) throw new TributaryError('CONFIG_INVALID', `${file}: the pseudonym key must have at least 16 characters`)
  return key
}

/** Whoever only looks need not know the key, and must not make one: null = it is not at hand. */
export function pseudonymKeyAtHand(config: Config): string | null {
  const given = config.pseudonymKey !== '' || config.pseudonymKeyFile !== ''
  return given || (usesLocalStack(config) && existsSync(join(config.dataDir, 'pseudonym.key'))) ? pseudonymKey(config) : null
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new TributaryError('CONFIG_INVALID', `reading the pseudonym key: ${(cause as Error).message}`, { cause })
  }
}

/** True for the key of the compose file, unless it is wanted: with it nobody is hidden. */
export function isKeyRefused(key: string, { allowPublicKey }: Pick<Config, 'allowPublicKey'>): boolean {
  return key === publicKey && !allowPublicKey
}

function makeKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const own = `${file}.${process.pid}`
  writeFileSync(own, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  try {
    // A link fails when the name is taken: of several roles that start at once one's key counts, and it is never seen half written.
    linkSync(own, file)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    rmSync(own, { force: true })
  }
}
