import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { clusterOf } from './docker/names.js'
import { askKafka } from './kafka-ask.js'
import { kafkaLogging, serverProperties } from './kafka-config.js'
import { jvm, type Launch, type Part } from './part.js'
import { stackDir } from './state.js'
import { unicode } from './unicode.js'

const settings = 'server.properties'
const logging = 'log4j2.properties'
/** Holds the cluster id; written after the format tool ended well, so a format that was killed is done again. */
const formatted = 'formatted'

export const kafka: Part = {
  name: 'kafka',
  kind: 'kafka',
  version: '4.3.1',
  ports: ['client', 'controller'],
  download: { label: 'Apache Kafka 4.3.1', folder: 'kafka-4.3.1', pom: 'kafka', megabytes: 46 },
  patienceMs: 300_000,

  async prepare(launch) {
    const { client, controller } = launch.ports
    await writeFile(join(launch.dir, settings), serverProperties({ client: client!, controller: controller!, profile: launch.profile }))
    await writeFile(join(launch.dir, logging), kafkaLogging)
    if ((await readFile(join(launch.dir, formatted), 'utf8').catch(() => null)) === null) await format(launch)
  },

  async command(launch) {
    const limits = ['-XX:MaxDirectMemorySize=128m', '-Dkafka.logs.dir=.', `-Dlog4j2.configurationFile=${logging}`]
    return {
      file: launch.java,
      args: [
        ...jvm({ heapMb: 512, launch, quick: launch.profile === 'test' }),
        ...limits,
        '-cp',
        classPath(launch),
        'kafka.Kafka',
        settings,
      ],
    }
  },

  async serves(state, { dataDir, withinMs }) {
    const answer = await askKafka(state.ports.client!, withinMs)
    return answer !== null && answer.brokers > 0 && answer.clusterId === (state.container == null ? clusterId(dataDir) : clusterOf(dataDir))
  },
}

function clusterId(dataDir: string): string | null {
  try {
    return readFileSync(join(stackDir(dataDir), 'kafka', formatted), 'utf8')
  } catch {
    return null
  }
}

async function format(launch: Launch): Promise<void> {
  await rm(join(launch.dir, 'data'), { recursive: true, force: true })
  const id = newClusterId()
  const args = [
    '-Xmx128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    `-Dlog4j2.configurationFile=${logging}`,
    '-cp',
    classPath(launch),
  ]
  await promisify(execFile)(launch.java, [...args, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings], {
    cwd: launch.dir,
    env: { ...unicode },
  })
  await writeFile(join(launch.dir, formatted), id)
}

/** Kafka's own form: 16 random bytes, and no leading dash, which the format tool would take for an option. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newClusterId() : id
}

function classPath(launch: Launch): string {
  return launch.files.filter(file => file.endsWith('.jar')).join(delimiter)
}
