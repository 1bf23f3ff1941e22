import type { PlannedObject, Selection, Source, SourceObject } from '../../producers/source.js'
import { TributaryError } from '../../schemas/errors.js'
import { objectKeyOf, type RunRecord } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'
import { isInLedger, readSourceLedger } from '../sources/source-ledger.js'
import type { BackfillPlan, BackfillRequest } from './request.js'

/** The frozen plan: keys, sizes and etags as they were listed. */
export interface FrozenPlan extends BackfillPlan {
  readonly read: readonly PlannedObject[]
  readonly topicId: string
  readonly request: string
  readonly resumed: { readonly id: string; readonly run: RunRecord } | null
  /** Whose history it brings; null = the objects' paths do not tell. */
  readonly scope: readonly string[] | null
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
  const listed: SourceObject[] = []
  for (const prefix of source.prefixes(selection))
    for await (const { key, size, etag, modified } of services.store.list(request.bucket, prefix))
      listed.push({ bucket: request.bucket, key, size, etag, lastModified: modified })
  const planned = source.plan(listed, selection)
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
  const found = [...new Set(planned.map(object => object.section))]
  const scope =
    request.sections.length > 0 ? [...request.sections] : found.includes(null) || found.length === 0 ? null : (found as string[])
  return {
    objects: read.length,
    bytes: read.reduce((sum, object) => sum + object.size, 0),
    skipped: planned.length - read.length,
    sections: found.filter(section => section !== null),
    resumes: resumed?.id ?? null,
    read,
    topicId,
    request: text,
    resumed,
    scope,
  }
}
