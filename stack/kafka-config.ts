import type { Profile } from './services.js'

/** Room for `MAX_STATEMENT_BYTES` with its headers, several times over. */
const messageBytes = 6 * 1024 * 1024

/** `server.properties` of one node that is broker and controller. Paths are relative to the data folder. */
export function serverProperties(o: { client: number; controller: number; profile: Profile }): string {
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `PLAINTEXT://127.0.0.1:${o.client},CONTROLLER://127.0.0.1:${o.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${o.client}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.quorum.voters': `1@127.0.0.1:${o.controller}`,
    'log.dirs': 'data',
    ...oneNode,
    'auto.create.topics.enable': 'false',
    'message.max.bytes': messageBytes,
    'replica.fetch.max.bytes': messageBytes,
    'log.retention.ms': -1,
    // An orphaned transaction freezes its readers until the next scan; the default scan is every 10 s.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 2,
    ...(o.profile === 'test' ? forTests : {}),
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

export const forTests = {
  'log.cleaner.backoff.ms': 200,
  // After a kill the broker waits until its former self has timed out: 9 s by default.
  'broker.session.timeout.ms': 3000,
  'broker.heartbeat.interval.ms': 500,
}

const oneNode = {
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'default.replication.factor': 1,
  'group.initial.rebalance.delay.ms': 0,
}

/** Logging to standard output, which is the log file: warnings, and the few lines that tell a start from a recovery. */
export const kafkaLogging = `appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
logger.logs.name=kafka.log.LogManager
logger.logs.level=INFO
`
