import { addressesOf, openServices } from '../../runtime/services.js'
import { assembleWorld, type World } from './world.js'

export interface WorldOptions {
  readonly partitions?: number
  /** More settings, by variable. */
  readonly env?: Readonly<Record<string, string>>
}

/** A world on the servers that `npm test` has started. */
export function makeWorld({ partitions = 4, env = {} }: WorldOptions = {}): Promise<World> {
  return assembleWorld({ ...serversFromEnv(), PARTITIONS: String(partitions), ...env }, (config, name) =>
    openServices(config, addressesOf(config, null), name),
  )
}

function serversFromEnv(): Record<string, string> {
  const { TRIBUTARY_TEST_BROKERS: brokers, TRIBUTARY_TEST_REGISTRY: registry, TRIBUTARY_TEST_S3: s3 } = process.env
  if (!brokers || !registry || !s3)
    throw new Error('no test servers: run these tests by `npm run test:integration` (TRIBUTARY_TEST_BROKERS, …)')
  const { endpoint, accessKeyId, secretAccessKey } = JSON.parse(s3) as { endpoint: string; accessKeyId: string; secretAccessKey: string }
  return {
    KAFKA_BROKERS: brokers,
    SCHEMA_REGISTRY_URL: registry,
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
}
