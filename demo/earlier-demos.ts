import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Services } from '../runtime/services.js'
import { allTopicNames } from '../runtime/topics-admin.js'

/** What a demo made on the servers. */
interface Traces {
  readonly pid: number
  readonly prefixes: readonly string[]
  readonly buckets: readonly string[]
}

const folderOf = (dataDir: string) => join(dataDir, 'demo', 'runs')

/** Written before anything is made. */
export function remember(dataDir: string, run: string, traces: Traces): void {
  mkdirSync(folderOf(dataDir), { recursive: true })
  writeFileSync(join(folderOf(dataDir), `${run}.json`), JSON.stringify(traces))
}

/** Removes what demos left whose process has ended: a demo that is run every day must not fill the disk. */
export async function removeEarlier(services: Services, dataDir: string, except: string): Promise<number> {
  let removed = 0
  for (const file of readdirSync(folderOf(dataDir))) {
    const path = join(folderOf(dataDir), file)
    if (file === `${except}.json`) continue
    const traces = JSON.parse(readFileSync(path, 'utf8')) as Traces
    if (isAlive(traces.pid)) continue
    await removeWorlds(services, dataDir, traces)
    rmSync(path, { force: true })
    removed++
  }
  return removed
}

async function removeWorlds({ log, store, naming }: Services, dataDir: string, { prefixes, buckets }: Traces): Promise<void> {
  const topics = prefixes.flatMap(prefix => allTopicNames({ ...naming, prefix }))
  const there = await log.describeTopics(topics)
  await log.deleteTopics(topics.filter(topic => there.has(topic)))
  for (const bucket of buckets) {
    await store.ensureBucket(bucket)
    const keys: string[] = []
    for await (const { key } of store.list(bucket, '')) keys.push(key)
    await store.delete(bucket, keys)
  }
  for (const prefix of prefixes) removeState(dataDir, prefix)
}

/** What the roles of a world have kept in the data folder. */
export function removeState(dataDir: string, prefix: string): void {
  const folder = join(dataDir, 'state')
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(join(folder, name), { recursive: true, force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}
