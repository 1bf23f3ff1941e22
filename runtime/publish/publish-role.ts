import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupName, topicName } from '../../schemas/topics.js'
import { makeHints } from '../hints.js'
import { packageRoot } from '../package-root.js'
import { runRole } from '../role.js'
import type { RoleKit } from '../role-kit.js'
import type { Services } from '../services.js'
import type { Producer } from './compose.js'
import { hintTables } from './hint-tables.js'
import { runPublisher } from './publisher.js'
import { openTables } from './tables.js'

/** Manifests of the datasets whose keys lie in the owned partitions of `datasets`. */
export async function runPublishRole(kit: RoleKit): Promise<void> {
  const { log, naming, config, clock, store } = kit.services
  await store.ensureBucket(config.datasetsBucket)
  const producer = await producerOf(kit.services)
  const logger = kit.services.logger.child({ role: 'publish' })
  const tables = openTables(kit.services, kit.codec)
  const writer = await log.writer()
  const owned = new Set<number>()
  const stop = new AbortController()
  const formats = new Map(kit.formats.map(format => [format.kind, format]))
  const target = { store, bucket: config.datasetsBucket, clock, fault: kit.fault }
  const publishing = runPublisher(
    {
      log,
      writer,
      naming,
      partitions: config.partitions,
      tables,
      formats,
      target,
      producer,
      mostInline: kit.mostInline,
      clock,
      logger,
      report: kit.report,
    },
    owned,
    stop.signal,
  )
  const hints = makeHints(log, groupName('publish', naming), clock, kit.signal)
  const hinting = hintTables(tables, owned, { hints, naming, clock }, AbortSignal.any([kit.signal, stop.signal]))
  // When the publisher breaks, the role ends; the supervisor starts it anew.
  const broken = new AbortController()
  publishing.catch(() => broken.abort())
  try {
    await runRole({
      log,
      clock,
      logger,
      group: groupName('publish', naming),
      topic: topicName('datasets', naming),
      member: kit.member,
      signal: AbortSignal.any([kit.signal, broken.signal]),
      // Publishing needs no task of its own: a manifest's number is its lock, and owning only keeps two from doing the same work.
      task: async (partition, stopped) => {
        owned.add(partition)
        await new Promise<void>(resolve => stopped.addEventListener('abort', () => resolve(), { once: true }))
        owned.delete(partition)
        hints.drop(partition)
      },
    })
  } finally {
    stop.abort()
    await publishing.finally(async () => {
      await hinting
      await tables.tail.close()
      await writer.close()
    })
  }
}

async function producerOf(services: Services): Promise<Producer> {
  const root = packageRoot()
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    version,
    commit: commitOf(root),
    generation: services.naming.generation,
    log: await topicIds(services),
    baseUrl: services.publicUrl,
  }
}

async function topicIds({ log, naming }: Services): Promise<Producer['log']> {
  const [xapi, files] = [topicName('xapi', naming), topicName('dataset-files', naming)]
  const there = await log.describeTopics([xapi, files])
  return { xapi: there.get(xapi)!.id, files: there.get(files)!.id }
}

/** The commit of a checkout; empty in an installed package. */
function commitOf(root: string): string {
  try {
    const head = readFileSync(join(root, '.git', 'HEAD'), 'utf8').trim()
    return head.startsWith('ref: ') ? readFileSync(join(root, '.git', head.slice(5)), 'utf8').trim() : head
  } catch {
    return ''
  }
}
