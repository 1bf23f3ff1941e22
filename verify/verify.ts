import { createHash } from 'node:crypto'
import type { RouteLedger } from '../schemas/route-ledger.js'
import { eventsTwice, type ListedEvent } from './check-events.js'
import { checkPins } from './check-pins.js'
import { type AppendTimes, checkCompleteThrough } from './complete-through.js'
import { countCsvRows } from './count-csv-rows.js'
import { LoadedHistories, type LoadedManifest } from './loaded-histories.js'
import { shownManifest } from './shown-manifest.js'
import { withLists } from './whole-manifest.js'

/** What is checked, as plain readers: the checker shares no code with what made the data. */
export interface VerifyTarget {
  /** The own record of every partition, from `route-ledger`. */
  ledgers(): Promise<readonly RouteLedger[]>
  readonly partitions: number
  /** All that a partition of the `events.*` topics holds, markers aside. */
  events(partition: number): AsyncIterable<readonly ListedEvent[]>
  datasets(): Promise<readonly string[]>
  /** All folders of the bucket: a dataset that was deleted may have versions that stay. */
  folders(): Promise<readonly string[]>
  /** Of the bucket of the datasets: those below a prefix and behind a key, in order of their keys. */
  objects(prefix: string, after: string): AsyncIterable<{ readonly key: string; readonly size: number }>
  object(key: string): Promise<Buffer | null>
  /** A moment for a process that is between two writes. */
  pause(): Promise<void>
  readonly times: AppendTimes
  /** Every record of `sources`, each partition in the order of the log. */
  sources(onRecord: (key: string, value: string | null) => void): Promise<void>
}

export interface Verdict {
  readonly ok: boolean
  readonly problems: readonly string[]
  readonly ledger: {
    readonly records: number
    readonly markers: number
    readonly misplaced: number
    readonly events: number
    readonly duplicates: number
    readonly deadLetters: number
  }
}

const sum = (counts: Readonly<Partial<Record<string, number>>>) => Object.values(counts).reduce<number>((a, b) => a + (b ?? 0), 0)

/** Checks the sums of the log, that no event is there twice, every listed file of every dataset, and which histories it calls loaded. */
export async function verify(target: VerifyTarget, onProgress: (text: string) => void): Promise<Verdict> {
  const problems: string[] = []
  const ledger = { records: 0, markers: 0, misplaced: 0, events: 0, duplicates: 0, deadLetters: 0 }
  for (const each of await target.ledgers()) {
    const records = each.position?.records ?? 0
    const [events, deadLetters] = [sum(each.events), sum(each.deadLetters)]
    const accounted = each.markers + each.misplaced + events + each.duplicates + deadLetters
    if (records !== accounted)
      problems.push(
        `partition ${each.partition}: ${records} xapi records, but ${accounted} = markers + misplaced + events + duplicates + dead letters`,
      )
    ledger.records += records
    ledger.markers += each.markers
    ledger.misplaced += each.misplaced
    ledger.events += events
    ledger.duplicates += each.duplicates
    ledger.deadLetters += deadLetters
  }
  for (let partition = 0; partition < target.partitions; partition++) {
    onProgress(`events of partition ${partition + 1} of ${target.partitions}`)
    problems.push(...(await eventsTwice(partition, target.events(partition))))
  }
  const loaded: LoadedManifest[] = []
  const datasets = await target.datasets()
  for (const dataset of new Set([...datasets, ...(await target.folders())])) {
    onProgress(`dataset ${dataset}`)
    const read = new Map<string, string>()
    const found = datasets.includes(dataset) ? await checkDataset(target, dataset, loaded, read) : []
    problems.push(...[...found, ...(await checkPins(target, dataset, read))].map(problem => `dataset ${dataset}: ${problem}`))
  }
  // After the manifests: what one of them calls loaded has been in `sources` since.
  const histories = new LoadedHistories(target.times.xapiId)
  await target.sources((key, value) => histories.onRecord(key, value))
  for (const manifest of loaded) problems.push(...histories.problems(manifest).map(problem => `dataset ${manifest.dataset}: ${problem}`))
  return { ok: problems.length === 0, problems, ledger }
}

/** Besides the problems of a dataset, what its manifest calls loaded: that is checked when all manifests are read. `read`: see `ReadFiles`. */
async function checkDataset(target: VerifyTarget, dataset: string, loaded: LoadedManifest[], read: Map<string, string>): Promise<string[]> {
  const { manifest: shown, problems: ofManifest } = await shownManifest(target, dataset)
  if (shown === null) return [...ofManifest]
  const { manifest, problems: ofLists } = await withLists(shown, key => target.object(key))
  const problems = [...ofManifest, ...ofLists]
  for (const { key } of shown.lists) if (!liesBelow(key, dataset)) problems.push(`${key} lists files and does not lie below ${dataset}/`)
  problems.push(...(await checkCompleteThrough(manifest, target.times)))
  loaded.push({ dataset, context: manifest.context, sections: manifest.sections })
  const ends = new Map<string, number>()
  const buckets = new Map<string, { readonly of: number; readonly taken: Set<string> }>()
  for (const file of manifest.files) {
    if (!liesBelow(file.key, dataset)) {
      problems.push(`${file.key} is listed and does not lie below ${dataset}/`)
      continue
    }
    const body = await target.object(file.key)
    if (body === null) {
      problems.push(`${file.key} is listed but not there`)
      continue
    }
    if (body.length !== file.bytes) problems.push(`${file.key} has ${body.length} bytes, listed with ${file.bytes}`)
    const sha256 = createHash('sha256').update(body).digest('hex')
    read.set(file.key, sha256)
    if (sha256 !== file.sha256) problems.push(`${file.key} has SHA-256 ${sha256}, listed with ${file.sha256}`)
    if (file.pseudonymKey !== undefined)
      problems.push(`${file.key} has pseudonyms of the key ${file.pseudonymKey}, the dataset those of ${manifest.producedBy.pseudonymKey}`)
    // The first row is the head.
    const rows = countCsvRows(body) - 1
    if (rows !== file.rows) problems.push(`${file.key} has ${rows} rows, listed with ${file.rows}`)
    const place = `${file.topic}/${file.partition}`
    if (file.firstOffset > file.lastOffset) problems.push(`${file.key}: its range ends before it begins`)
    if (file.bucket !== undefined) {
      // Rows of a snapshot lie by key, not by offset: no two files may have the same part of the keys, but for those of one large bucket.
      const { index, of, part } = file.bucket
      const other = buckets.get(place) ?? { of, taken: new Set<string>() }
      buckets.set(place, other)
      const follows = part === undefined || part === 0 || other.taken.has(`${index}.${part - 1}`)
      const again = other.taken.has(`${index}.${part ?? 0}`) || (part === undefined && other.taken.has(`${index}.0`))
      if (other.of !== of || again || index >= of) problems.push(`${file.key} has rows of keys that another file has`)
      if (!follows) problems.push(`${file.key} follows a file that is not listed`)
      other.taken.add(`${index}.${part ?? 0}`)
    } else if (file.firstOffset <= (ends.get(place) ?? -1))
      problems.push(`${file.key} begins at offset ${file.firstOffset}, within the file before it`)
    ends.set(place, file.lastOffset)
  }
  const rows = manifest.files.reduce((total, file) => total + file.rows, 0)
  if (rows !== manifest.counts.rows) problems.push(`counts.rows is ${manifest.counts.rows}, the files have ${rows}`)
  if (JSON.stringify(manifest.chunks) !== JSON.stringify(manifest.files.map(file => file.url))) problems.push('chunks and files differ')
  return problems
}

const liesBelow = (key: string, dataset: string) =>
  key.startsWith(`${dataset}/`) && !key.split('/').some(part => part === '' || part === '.' || part === '..')
