import { type LoadedBy, loadedBy } from '../../producers/loaded-by.js'
import { countNotTaken } from '../../producers/not-taken.js'
import { isTaken, type PlannedObject, type Selection, type Source } from '../../producers/source.js'
import { byUpload } from '../../producers/upload-order.js'
import { TributaryError } from '../../schemas/errors.js'
import { type ObjectsNotTaken, objectKeyOf, type RunRecord } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'
import { type EmptyPrefix, emptyPrefixText, nearestNames } from '../sources/nearest-names.js'
import { isInLedger, readSourceLedger } from '../sources/source-ledger.js'
import type { BackfillPlan, BackfillRequest } from './request.js'

/** The frozen plan: keys, sizes and etags as they were listed. */
export interface FrozenPlan extends BackfillPlan {
  readonly read: readonly PlannedObject[]
  readonly topicId: string
  readonly request: string
  readonly resumed: { readonly id: string; readonly run: RunRecord } | null
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

/** Lists what the request selects, and takes off what the ledger says is done: same key, same etag, same `xapi` topic. */
export async function freezePlan(services: Services, source: Source, request: BackfillRequest): Promise<FrozenPlan> {
  if (request.sections.length === 0 && request.prefix === null)
    throw new TributaryError('WRONG_USAGE', 'planning the backfill: name at least one of --section and --prefix')
  const selection = selectionOf(request)
  const planned: PlannedObject[] = []
  const notTaken = countNotTaken()
  const listed = outermost(source.prefixes(selection))
  const empty: string[] = []
  for (const prefix of listed) {
    let found = 0
    for await (const { key, size, etag, modified } of services.store.list(request.bucket, prefix)) {
      found++
      const object = source.take({ bucket: request.bucket, key, size, etag, lastModified: modified }, selection)
      if (isTaken(object)) planned.push(object)
      else notTaken.add({ key, size }, object)
    }
    if (found === 0) empty.push(prefix)
  }
  const misspelt = await misspeltPrefixes(services, request.bucket, listed, empty)
  if (planned.length === 0) throw nothingToRead(request, misspelt, notTaken.result('leftOut'))
  planned.sort(byUpload)
  const ledger = await readSourceLedger(services, planned)
  const xapi = topicName('xapi', services.naming)
  const topicId = (await services.log.describeTopics([xapi])).get(xapi)!.id
  const text = requestText(request)
  const unfinished = [...ledger.runs].filter(([, run]) => run.request === text && run.state !== 'sealed')
  const newest = unfinished.sort(([, a], [, b]) => (a.startedAt < b.startedAt ? 1 : -1))[0]
  const resumed = newest ? { id: newest[0], run: newest[1] } : null
  const isDone = (object: PlannedObject) => {
    const entry = ledger.objects.get(objectKeyOf(object))
    if (!isInLedger(entry, object, topicId)) return false
    // `--again` reads everything once: what this very run has read before it was killed is done.
    return !request.again || (resumed !== null && entry?.run === resumed.id)
  }
  const read = planned.filter(object => !isDone(object))
  const loaded = loadedBy(selection)
  for (const object of planned) loaded.add(object)
  const before = new Set(planned)
  for (const object of read) before.delete(object)
  for (const object of before) loaded.addSections(ledger.objects.get(objectKeyOf(object))?.sections ?? [])
  return {
    objects: read.length,
    bytes: read.reduce((sum, object) => sum + object.size, 0),
    skipped: planned.length - read.length,
    sections: loaded.sections(),
    notTaken: notTaken.result(),
    empty: misspelt,
    resumes: resumed?.id ?? null,
    read,
    topicId,
    request: text,
    resumed,
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
