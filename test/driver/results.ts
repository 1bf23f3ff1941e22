import { createHash } from 'node:crypto'
import { readManifest } from '../../runtime/datasets/read.js'
import { headerText, type LogRecord } from '../../runtime/log.js'
import { readPartition } from '../../runtime/read-partition.js'
import { type TopicId, topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

const sha256 = (body: Buffer | string) => createHash('sha256').update(body).digest('hex')

/** Rows of a CSV, line ends inside of quotes kept. */
function csvRows(text: string): string[] {
  const rows: string[] = []
  let quoted = false
  let begin = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted
    else if (text[at] === '\n' && !quoted) {
      rows.push(text.slice(begin, at))
      begin = at + 1
    }
  }
  if (begin < text.length) throw new Error(`a CSV ends in the middle of a row: ${text.slice(begin)}`)
  return rows
}

/** A dataset as its manifest lists it: the rows of all files in order of their bytes. */
export interface Rows {
  readonly head: string
  readonly rows: readonly string[]
  /** Of head and sorted rows. */
  readonly sha256: string
}

export async function rowsOf(world: World, dataset: string): Promise<Rows> {
  const manifest = await readManifest(world.services, dataset)
  if (manifest === null) throw new Error(`${dataset} is not published`)
  const heads = new Set<string>([manifest.columns.join(',')])
  const rows: string[] = []
  for (const file of manifest.files) {
    const body = await world.services.store.get(world.services.config.datasetsBucket, file.key)
    if (body === null || sha256(body) !== file.sha256) throw new Error(`${file.key} is not what the manifest lists`)
    const [head, ...rest] = csvRows(body.toString())
    heads.add(head!)
    rows.push(...rest)
  }
  if (heads.size > 1) throw new Error(`heads differ: ${[...heads].join(' / ')}`)
  rows.sort()
  const [head] = heads
  return { head: head!, rows, sha256: sha256([head, ...rows].join('\n')) }
}

/** Every committed record of a topic, by partition and offset. */
export async function recordsOf(world: World, topic: TopicId): Promise<(LogRecord & { readonly partition: number })[]> {
  const found: (LogRecord & { partition: number })[] = []
  for (let partition = 0; partition < world.services.config.partitions; partition++)
    await readPartition(world.services.log, topicName(topic, world.services.naming), partition, record => {
      // Views into the fetched batch: copies outlive the next fetch.
      const copy = (bytes: Buffer | null) => (bytes === null ? null : Buffer.from(bytes))
      const headers = record.headers.map(([name, value]) => [name, Buffer.from(value)] as const)
      found.push({ ...record, key: copy(record.key), value: copy(record.value), headers, partition })
    })
  return found
}

export interface DeadLetter {
  readonly id: string
  readonly code: string
  readonly reason: string
  /** `s3://bucket/key#line`, or '' for a record that was produced directly. */
  readonly source: string
  readonly value: Buffer
}

/** One per id: a repeat has the same. */
export async function deadLettersOf(world: World): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>()
  for (const record of await recordsOf(world, 'dead-letters')) {
    const text = (name: string) => headerText(record, name) ?? ''
    letters.set(text('id'), { id: text('id'), code: text('code'), reason: text('reason'), source: text('source'), value: record.value! })
  }
  return [...letters.values()].sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : a.id < b.id ? -1 : 1))
}
