import { addressesOf } from '../../runtime/addresses.js'
import { openServices } from '../../runtime/services.js'
import { assembleWorld, type World } from './world.js'

export interface WorldOptions {
  readonly partitions?: number
  /** More settings, by variable. */
  readonly env?: Readonly<Record<string, string>>
}

/** A world on the servers that `npm test` has started. */
export function makeWorld({ partitions = 4, env = {} }: WorldOptions = {}): Promise<World> {
  const servers = serversFromEnv()
  // A process of its own has the credentials in its environment, where the AWS SDK finds them; this one is given them.
  const account = { accessKeyId: servers.AWS_ACCESS_KEY_ID!, secretAccessKey: servers.AWS_SECRET_ACCESS_KEY! }
  return assembleWorld({ ...servers, PARTITIONS: String(partitions), ...env }, (config, name) => {
    const addresses = addressesOf(config, null)
    return openServices(config, { ...addresses, s3: { ...addresses.s3, ...account } }, name)
  })
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
