import { join } from 'node:path'
import { type LoadedBy, loadedBy } from '../../producers/loaded-by.js'
import { countNotTaken } from '../../producers/not-taken.js'
import { addObject, noRunCounts } from '../../producers/object-counts.js'
import { isTaken, type PlannedObject, type Selection, type Source } from '../../producers/source.js'
import { TributaryError } from '../../schemas/errors.js'
import type { ObjectsNotTaken, RunCounts, RunRecord } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'
import { type EmptyPrefix, emptyPrefixText, nearestNames } from '../sources/nearest-names.js'
import { isInLedger } from '../sources/source-ledger.js'
import type { Sorted } from '../sources/spill-sort.js'
import { byBytes, type LedgerEntries, type LedgerEntry, readLedgerEntries } from './ledger-entries.js'
import { PlanQueue } from './plan-queue.js'
import type { BackfillPlan, BackfillRequest } from './request.js'

/** The frozen plan: keys, sizes and etags as they were listed. */
export interface FrozenPlan extends BackfillPlan {
  /** What is to be read, one by one; whoever has the plan closes it. */
  readonly read: Sorted<PlannedObject>
  readonly topicId: string
  readonly request: string
  readonly resumed: { readonly id: string; readonly run: RunRecord } | null
  /** What this very run had read before it was stopped. It is part of `skipped`. */
  readonly before: RunCounts
  /** What the run loads, as far as the paths and the ledger say it: objects that are read now add their sections. */
  readonly loaded: LoadedBy
}

function selectionOf(request: BackfillRequest): Selection {
  return {
    prefix: request.prefix ?? undefined,
    sections: request.sections.length > 0 ? request.sections : undefined,
    categories: request.categories.length > 0 ? request.categories : undefined,
    since: request.since ?? undefined,
    until: request.until ?? undefined,
  }
}

/** The same words for the same request: a killed run is found again by them. */
function requestText(request: BackfillRequest): string {
  const { bucket, prefix, since, until, again } = request
  return JSON.stringify({
    bucket,
    prefix,
    sections: [...request.sections].sort(),
    categories: [...request.categories].sort(),
    since,
    until,
    again,
  })
}

/**
 * Lists what the request selects, and takes off what the ledger says is done: same key, same etag, same `xapi` topic. Listing and ledger come
 * in the order of the keys, so neither needs to be in memory: many millions of objects take some tens of MB, and a file.
 */
export async function freezePlan(services: Services, source: Source, request: BackfillRequest): Promise<FrozenPlan> {
  if (request.sections.length === 0 && request.prefix === null)
    throw new TributaryError('WRONG_USAGE', 'planning the backfill: name at least one of --section and --prefix')
  const selection = selectionOf(request)
  const prefixes = outermost(source.prefixes(selection)).sort(byBytes)
  const folder = join(services.config.dataDir, 'backfill')
  const ledger = await readLedgerEntries(services, folder, request.bucket, prefixes)
  const queue = new PlanQueue(folder, request.bucket)
  try {
    const listed = await list(services, source, request, { selection, prefixes, ledger, queue })
    return { ...listed, read: await queue.sorted() }
  } catch (error) {
    await queue.close()
    throw error
  } finally {
    await ledger.close()
  }
}

interface Listing {
  readonly selection: Selection
  readonly prefixes: readonly string[]
  readonly ledger: LedgerEntries
  /** Gets what is to be read. */
  readonly queue: PlanQueue
}

async function list(
  services: Services,
  source: Source,
  request: BackfillRequest,
  { selection, prefixes, ledger, queue }: Listing,
): Promise<Omit<FrozenPlan, 'read'>> {
  const xapi = topicName('xapi', services.naming)
  const topicId = (await services.log.describeTopics([xapi])).get(xapi)!.id
  const text = requestText(request)
  const unfinished = [...ledger.runs].filter(([, run]) => run.request === text && run.state !== 'sealed')
  const newest = unfinished.sort(([, a], [, b]) => (a.startedAt < b.startedAt ? 1 : -1))[0]
  const resumed = newest ? { id: newest[0], run: newest[1] } : null
  /** The entry of an object that is not to be read again. */
  const doneBefore = async (object: PlannedObject): Promise<LedgerEntry | null> => {
    const entry = await ledger.of(object.key)
    if (entry === undefined || !isInLedger(entry, object, topicId)) return null
    // `--again` reads everything once: what this very run has read before it was killed is done.
    return !request.again || (resumed !== null && entry.run === resumed.id) ? entry : null
  }

  const loaded = loadedBy(selection)
  const notTaken = countNotTaken()
  const empty: string[] = []
  let [objects, bytes, skipped] = [0, 0, 0]
  let before = noRunCounts
  for (const prefix of prefixes) {
    let found = 0
    for await (const { key, size, etag, modified } of services.store.list(request.bucket, prefix)) {
      found++
      const object = source.take({ bucket: request.bucket, key, size, etag, lastModified: modified }, selection)
      if (!isTaken(object)) {
        notTaken.add({ key, size }, object)
        continue
      }
      loaded.add(object)
      const done = await doneBefore(object)
      if (done === null) {
        objects++
        bytes += size
        const waits = queue.add(object)
        if (waits) await waits
      } else {
        skipped++
        if (done.run === resumed?.id) before = addObject(before, done.size, done.counts)
        loaded.addSections(done.sections)
      }
    }
    if (found === 0) empty.push(prefix)
  }
  const misspelt = await misspeltPrefixes(services, request.bucket, prefixes, empty)
  if (objects + skipped === 0) throw nothingToRead(request, misspelt, notTaken.result('leftOut'))
  return {
    objects,
    bytes,
    skipped,
    sections: loaded.sections(),
    notTaken: notTaken.result(),
    empty: misspelt,
    resumes: resumed?.id ?? null,
    topicId,
    request: text,
    resumed,
    before,
    loaded,
  }
}

/** Each object is listed once, also when the prefixes of two sources overlap. */
const outermost = (prefixes: readonly string[]) => prefixes.filter(one => !prefixes.some(other => other !== one && one.startsWith(other)))

/** Of many sections that are not there a few are enough to see what is wrong. */
const mostExplained = 20

/** What was asked for and is not there at all. A section may lack a category that others have: that is no mistake. */
async function misspeltPrefixes(
  { store }: Services,
  bucket: string,
  listed: readonly string[],
  empty: readonly string[],
): Promise<readonly EmptyPrefix[]> {
  const lastPart = (prefix: string) => prefix.split('/').at(-2)
  const elsewhere = new Set(listed.filter(prefix => !empty.includes(prefix)).map(lastPart))
  const looked: EmptyPrefix[] = []
  for (const prefix of empty) {
    if (looked.length >= mostExplained) break
    const found = await nearestNames(store, bucket, prefix)
    const lacksCategory = found !== null && `${found.folder}${lastPart(prefix)}/` === prefix && elsewhere.has(lastPart(prefix))
    if (found !== null && !lacksCategory) looked.push(found)
  }
  return looked
}

function nothingToRead(
  { bucket, prefix, sections }: BackfillRequest,
  misspelt: readonly EmptyPrefix[],
  notTaken: readonly ObjectsNotTaken[],
): TributaryError {
  const asked = [...(sections.length > 0 ? [`section ${sections.join(', ')}`] : []), ...(prefix === null ? [] : [`prefix "${prefix}"`])]
  const where = `planning the backfill of ${asked.join(', ')} in s3://${bucket}`
  const left = notTaken.map(({ why, objects, examples }) => `${objects} not taken: ${why} (${examples.join(', ')})`)
  return new TributaryError('NOTHING_TO_READ', `${where}: ${[...misspelt.map(emptyPrefixText), ...left].join('; ')}`)
}
