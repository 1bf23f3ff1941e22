import { topicName, topics } from '../../schemas/topics.js'
import { serverProperties } from '../../stack/kafka-config.js'
import { registrySettings } from '../../stack/registry.js'
import { registryUrl } from '../../stack/services.js'
import { region } from '../../stack/state.js'
import { environmentOf, ourServices, published, serviceOf } from '../driver/compose-file.js'

const upper = (name: string) => name.replaceAll(/[.-]/g, '_').toUpperCase()

/** Addresses, which differ; and what is of the image. */
const ofTheContainer = ['listeners', 'advertised.listeners', 'listener.security.protocol.map', 'inter.broker.listener.name']
const placed = ['controller.quorum.voters', 'log.dirs']

test('Kafka has the settings of the local stack', () => {
  const environment = Object.entries(environmentOf('kafka')).filter(([name]) => !['CLUSTER_ID', 'KAFKA_HEAP_OPTS'].includes(name))
  const lines = serverProperties({ client: 1, controller: 2, profile: 'run' }).trim().split('\n')
  const wanted = lines.map(line => [`KAFKA_${upper(line.slice(0, line.indexOf('=')))}`, line.slice(line.indexOf('=') + 1)] as const)
  const elsewhere = new Set([...ofTheContainer, ...placed].map(name => `KAFKA_${upper(name)}`))
  const settled = (all: readonly (readonly [string, string])[]) => Object.fromEntries(all.filter(([name]) => !elsewhere.has(name)))
  expect(settled(environment)).toEqual(settled(wanted))
  expect(environment.map(([name]) => name).sort()).toEqual(wanted.map(([name]) => name).sort())
})

test('Kafka tells containers and this machine each an address that they reach', () => {
  const environment = environmentOf('kafka')
  const ends = (name: string) => {
    const found = environment[`KAFKA_${name}`]!.split(',').map(entry => entry.split('://') as [string, string])
    return new Map(found)
  }
  const [listens, tells] = [ends('LISTENERS'), ends('ADVERTISED_LISTENERS')]
  const controller = environment.KAFKA_CONTROLLER_LISTENER_NAMES!
  expect([...tells.keys(), controller].sort()).toEqual([...listens.keys()].sort())
  const map = environment.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP!.split(',').sort()
  expect(map).toEqual([...listens.keys()].map(name => `${name}:PLAINTEXT`).sort())
  expect(environment.KAFKA_CONTROLLER_QUORUM_VOTERS).toBe(`1@127.0.0.1${listens.get(controller)}`)

  const inside = environment.KAFKA_INTER_BROKER_LISTENER_NAME!
  expect(tells.get(inside)).toBe(`kafka${listens.get(inside)}`)
  for (const [name] of ourServices) expect(environmentOf(name).KAFKA_BROKERS).toBe(tells.get(inside))
  expect(environmentOf('kafka-ui').KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS).toBe(tells.get(inside))
  expect(serviceOf('kafka').healthcheck!.test.at(-1)).toBe(`</dev/tcp/127.0.0.1/${tells.get(inside)!.split(':')[1]}`)

  const [outside] = [...tells.keys()].filter(name => name !== inside)
  expect(published(serviceOf('kafka'))).toEqual([
    [tells.get(outside!), listens.get(outside!)].map(address => Number(address!.split(':')[1])),
  ])
  expect(tells.get(outside!)).toMatch(/^127\.0\.0\.1:/)
  expect(serviceOf('kafka').volumes).toEqual([`kafka:${environment.KAFKA_LOG_DIRS}`])
})

test('the registry has the settings of the local stack, and its data in its volume', () => {
  const environment = environmentOf('registry')
  // Of two stacks on one machine; a container has all ports and addresses to itself.
  const shared = /^quarkus\.(http\.host|management\.)/
  const wanted = registrySettings({ http: 8080, management: 0 }).filter(([name]) => !shared.test(name))
  const [, folder] = serviceOf('registry').volumes![0]!.split(':')
  expect(environment).toEqual(
    Object.fromEntries(wanted.map(([name, value]) => [upper(name), String(value).replace('h2:file:.', `h2:file:${folder}`)])),
  )
})

test('everybody asks the registry at the path of the code', () => {
  const port = Number(environmentOf('registry').QUARKUS_HTTP_PORT)
  const url = registryUrl(port).replace('127.0.0.1', 'registry')
  for (const [name] of ourServices) expect(environmentOf(name).SCHEMA_REGISTRY_URL).toBe(url)
  expect(environmentOf('kafka-ui').KAFKA_CLUSTERS_0_SCHEMAREGISTRY).toBe(url)
  expect(serviceOf('registry').healthcheck!.test.at(-1)).toContain(`GET ${new URL(url).pathname}/subjects `)
  expect(published(serviceOf('registry')).map(([, there]) => there)).toEqual([port])
})

test('the S3 server and its clients agree', () => {
  const { command = [], volumes = [] } = serviceOf('s3')
  const option = (name: string) => command[command.indexOf(name) + 1]
  const port = Number(option('--port')!.slice(1))
  expect(option('--region')).toBe(region)
  expect(volumes).toEqual([`s3:${command.at(-1)}`])
  const [[here, there]] = published(serviceOf('s3')) as [[number, number]]
  expect(there).toBe(port)
  expect(serviceOf('s3').healthcheck!.test.at(-1)).toBe(`http://127.0.0.1:${port}${option('--health')}`)
  for (const [name] of ourServices) {
    const environment = environmentOf(name)
    expect([environment.S3_ENDPOINT, environment.S3_PUBLIC_URL]).toEqual([`http://s3:${port}`, `http://127.0.0.1:${here}`])
    expect(environment.S3_REGION).toBe(region)
    expect([environment.AWS_ACCESS_KEY_ID, environment.AWS_SECRET_ACCESS_KEY]).toEqual(Object.values(environmentOf('s3')))
  }
})

test('Kafka UI shows Avro by its schema, bytes in hex, and the rest as text', () => {
  const environment = environmentOf('kafka-ui')
  expect(environment).toMatchObject({
    KAFKA_CLUSTERS_0_DEFAULTKEYSERDE: 'String',
    KAFKA_CLUSTERS_0_DEFAULTVALUESERDE: 'SchemaRegistry',
    KAFKA_CLUSTERS_0_SCHEMAREGISTRYCHECKSCHEMAEXISTENCEFORDESERIALIZE: 'true',
    KAFKA_CLUSTERS_0_SERDE_0_NAME: 'Hex',
  })
  // Java's `matches` wants the whole name.
  const values = new RegExp(`^(?:${environment.KAFKA_CLUSTERS_0_SERDE_0_TOPICVALUESPATTERN})$`)
  const keys = new RegExp(`^(?:${environment.KAFKA_CLUSTERS_0_SERDE_0_TOPICKEYSPATTERN})$`)
  for (const topic of Object.values(topics))
    for (const naming of [
      { prefix: '', generation: 1 },
      { prefix: 'team.', generation: 12 },
    ]) {
      const name = topicName(topic.id, naming)
      expect([name, values.test(name), keys.test(name)]).toEqual([name, topic.bytes === true, false])
    }
})
