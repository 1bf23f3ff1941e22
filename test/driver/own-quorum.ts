import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafka } from '../../stack/kafka.js'
import { kafkaLogging, serverProperties } from '../../stack/kafka-config.js'
import type { Launch } from '../../stack/part.js'
import { choosePorts, isFree } from '../../stack/ports.js'
import { type BrokerProcess, brokerLaunch, brokerProcess, changeSettings, removeBroker } from './broker-process.js'

/** Three brokers that are controllers too, as small clusters are run: everything is there three times, and two must have it. */
export interface OwnQuorum {
  /** All three, as a person configures them. */
  readonly brokers: string
  /** By the id that metadata names: 1, 2, 3. */
  node(id: number): BrokerProcess
  close(): Promise<void>
}

const ids = [1, 2, 3] as const

export async function ownQuorum(): Promise<OwnQuorum> {
  const taken = new Set<number>()
  const launches: Launch[] = []
  for (const id of ids) {
    const bare = await brokerLaunch(`broker-${id}`)
    launches.push({ ...bare, ports: await choosePorts(['client', 'controller'], { remembered: {}, taken, seed: bare.dir, isFree }) })
  }
  const voters = launches.map(({ ports }, i) => `${ids[i]}@127.0.0.1:${ports.controller}`).join(',')
  const cluster = `A${randomBytes(16).toString('base64url').slice(1)}`
  await Promise.all(launches.map((launch, i) => format(launch, ids[i]!, voters, cluster)))
  const nodes = launches.map(brokerProcess)
  // Together: none serves before two of them have chosen a controller.
  await Promise.all(nodes.map(node => node.start()))
  return {
    brokers: launches.map(({ ports }) => `127.0.0.1:${ports.client}`).join(','),
    node: id => nodes[id - 1]!,
    async close() {
      await Promise.all(nodes.map(node => node.kill()))
      for (const launch of launches) removeBroker(launch)
    },
  }
}

async function format(launch: Launch, id: number, voters: string, cluster: string): Promise<void> {
  const settings = join(launch.dir, 'server.properties')
  const { client, controller } = launch.ports
  const alone = serverProperties({ client: client!, controller: controller!, profile: 'test' })
  writeFileSync(settings, `${alone}min.insync.replicas=2\n`)
  writeFileSync(join(launch.dir, 'log4j2.properties'), kafkaLogging)
  changeSettings(settings, name => {
    if (name === 'node.id') return String(id)
    if (name === 'controller.quorum.voters') return voters
    if (name.endsWith('replication.factor')) return '3'
    if (name.endsWith('min.isr')) return '2'
    return undefined
  })
  const { file, args } = await kafka.command(launch)
  // The same JVM with the same files, another program.
  const tool = [...args.slice(0, args.indexOf('kafka.Kafka')), 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', settings]
  await promisify(execFile)(file, tool, { cwd: launch.dir })
}
