import { Kafka, logLevel } from 'kafkajs'
import { TributaryError } from '../../schemas/errors.js'
import { quietTimers, type TimedQueue } from './quiet-timers.js'

/**
 * The internals of kafkajs 2.2.4 that we stand on, and the only file that touches them. kafkajs owns sockets, TLS and
 * SASL; what travels over them is ours. `assertInternals` checks each at start: the package is pinned, but a lock file
 * can be ignored.
 */
export interface KafkajsBroker {
  connect(): Promise<void>
  isConnected(): boolean
  readonly connectionPool: KafkajsConnectionPool
}

interface KafkajsConnectionPool {
  readonly host: string
  readonly port: number
  readonly pool: readonly KafkajsConnection[]
  getConnectionByRequest(protocol: { request: { apiKey: number } }): Promise<KafkajsConnection>
  send(protocol: KafkajsProtocol): Promise<unknown>
}

interface KafkajsConnection {
  readonly requestQueue: KafkajsRequestQueue
  isConnected(): boolean
  disconnect(): Promise<boolean>
}

interface KafkajsRequestQueue extends TimedQueue {
  rejectAll(error: Error): void
}

export interface KafkajsProtocol {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    /** Anything with kafkajs's encoder fields will do. */
    encode(): Promise<{ readonly buf: Buffer; readonly offset: number; readonly buffer: Buffer }>
  }
  readonly response: {
    decode(raw: Buffer): Promise<{ clientSideThrottleTime: number; raw: Buffer }>
    parse(data: { clientSideThrottleTime: number; raw: Buffer }): Promise<Buffer>
  }
  readonly requestTimeout: number | null
  readonly logResponseError: boolean
}

interface KafkajsCluster {
  readonly rootLogger: unknown
  readonly connectionPoolBuilder: { build(to?: { host: string; port: number; rack: string | null }): Promise<KafkajsConnectionPool> }
  readonly brokerPool: { createBroker(options: { connectionPool: KafkajsConnectionPool; logger: unknown; nodeId?: number }): KafkajsBroker }
}

/** Security settings handed through to kafkajs untouched. */
export interface KafkaSecurity {
  readonly ssl?: boolean | object
  readonly sasl?: object
}

export interface ClientOptions extends KafkaSecurity {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Of every request that is not held back by the broker on purpose. */
  readonly requestTimeoutMs?: number
  /** What kafkajs itself has to say, for debugging. */
  readonly debug?: (message: string) => void
}

export interface Destination {
  readonly node: number
  readonly host: string
  readonly port: number
}

export interface KafkajsClient {
  /** A broker object of its own connection; without a destination one of the configured brokers, each in turn. */
  makeBroker(to?: Destination): Promise<KafkajsBroker>
}

export function kafkajsClient(options: ClientOptions): KafkajsClient {
  const settings = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: 5_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    // Of connecting alone: all other retrying is ours.
    retry: { initialRetryTime: 50, multiplier: 1.5, maxRetryTime: 1_000, retries: 10 },
    logLevel: options.debug === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator: () => (entry: { namespace: string; log: { message: string } }) =>
      options.debug?.(`${entry.namespace} ${entry.log.message}`),
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
  }
  const kafka = new Kafka(settings as ConstructorParameters<typeof Kafka>[0])
  let cluster: KafkajsCluster | undefined
  return {
    async makeBroker(to) {
      cluster ??= clusterOf(kafka)
      const pool = await cluster.connectionPoolBuilder.build(to === undefined ? undefined : { host: to.host, port: to.port, rack: null })
      const broker = cluster.brokerPool.createBroker({
        connectionPool: pool,
        logger: cluster.rootLogger,
        ...(to === undefined ? {} : { nodeId: to.node }),
      })
      assertInternals(broker)
      for (const connection of pool.pool) quietTimers(connection.requestQueue)
      // Without this a fetch gets a second connection beside the one that was authenticated for the same broker.
      pool.getConnectionByRequest = async () => pool.pool[0]!
      return broker
    },
  }
}

/** Ends the connection at once. kafkajs waits for pending answers first, and a long poll or a join can take a minute. */
export async function cutConnection(broker: KafkajsBroker): Promise<void> {
  for (const connection of broker.connectionPool.pool) {
    connection.requestQueue.rejectAll(new Error('the connection was closed by its owner'))
    await connection.disconnect()
  }
}

function clusterOf(kafka: Kafka): KafkajsCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(s => s.description === 'private:Kafka:createCluster')
  const create = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, unknown>)[symbol]
  relied(typeof create === 'function', 'Kafka[createCluster]')
  const cluster = (create as (options: object) => KafkajsCluster)({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
  })
  relied(typeof cluster.connectionPoolBuilder?.build === 'function', 'Cluster.connectionPoolBuilder.build')
  relied(typeof cluster.brokerPool?.createBroker === 'function', 'Cluster.brokerPool.createBroker')
  relied(cluster.rootLogger !== undefined, 'Cluster.rootLogger')
  return cluster
}

function assertInternals(broker: KafkajsBroker): void {
  relied(typeof broker.connect === 'function' && typeof broker.isConnected === 'function', 'Broker.connect')
  const pool = broker.connectionPool
  relied(typeof pool?.send === 'function' && typeof pool.getConnectionByRequest === 'function', 'ConnectionPool.send')
  relied(Array.isArray(pool.pool) && pool.pool.length > 0, 'ConnectionPool.pool')
  for (const connection of pool.pool) {
    relied(typeof connection.disconnect === 'function' && typeof connection.isConnected === 'function', 'Connection.disconnect')
    const queue = connection.requestQueue
    relied(Array.isArray(queue?.pending), 'RequestQueue.pending')
    // A map of another realm in jest, hence by its method.
    relied(typeof queue.inflight?.values === 'function', 'RequestQueue.inflight')
    for (const method of ['scheduleCheckPendingRequests', 'scheduleRequestTimeoutCheck', 'rejectAll', 'destroy', 'isConnected'] as const) {
      relied(typeof queue[method] === 'function', `RequestQueue.${method}`)
    }
  }
}

function relied(holds: boolean, internal: string): void {
  if (!holds) throw new TributaryError('KAFKA_CLIENT_CHANGED', `looking for ${internal}`)
}
