import type { Source } from '../../producers/source.js'
import { type FollowRecord, followKeyOf } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { EventQueue } from '../event-queue.js'
import type { Fault } from '../fault.js'
import { describe } from '../logger.js'
import type { Services } from '../services.js'
import { makeLagGate } from '../sources/lag-gate.js'
import { readSourcesRecord } from '../sources/read-record.js'
import { makeSender } from '../sources/sender.js'
import { ledgerWriter } from '../sources/source-ledger.js'
import { watchLag } from '../sources/watch-lag.js'
import type { Finder } from './finder.js'
import { KnownObjects } from './known-objects.js'
import { listFinder } from './list-finder.js'
import { queueFinder } from './queue-finder.js'
import { ReadingPool } from './reading-pool.js'
import type { FollowEvents, FollowRequest } from './request.js'
import type { Scope } from './scope.js'
import type { Tally } from './tally.js'

const batchBytes = 4 << 20
const reportEveryMs = 1000
/** At a change; a restart reads again what came since. */
const recordEveryMs = 5000
/** Without one: who looks at it sees that the follow lives. */
const sameRecordEveryMs = 60_000
/** Messages about older uploads are rare: of those the ledger is asked. */
const messagesLateMs = 24 * 3_600_000

/** What a follow is made of. */
export interface FollowDeps {
  readonly services: Services
  readonly source: Source
  readonly scope: Scope
  readonly request: FollowRequest
  /** Null = by listing. */
  readonly queue: EventQueue | null
  readonly tally: Tally
  readonly fault: Fault
  readonly events: FollowEvents
}

/**
 * New objects become records of `xapi`, until the signal.
 *
 * 1 find 2 read, send, acknowledged 3 ledger entry 4 delete the message, or let the record of the follow pass it. Killed anywhere, what has
 * no ledger entry is found again: the message comes back, the listing begins at the record. What was sent twice is a duplicate.
 */
export async function follow(deps: FollowDeps, signal: AbortSignal): Promise<void> {
  const { services, source, scope, request, queue, tally, fault, events } = deps
  const { log, naming, clock } = services
  const xapi = topicName('xapi', naming)
  const topicId = (await log.describeTopics([xapi])).get(xapi)!.id
  const start = await startOf(deps)
  const { since } = start
  const known = await KnownObjects.read(services, scope, topicId, start.knownFrom)
  const writer = await log.writer()
  const ledger = ledgerWriter(services, writer)
  const gate = makeLagGate('live')
  const stop = new AbortController()
  const ending = AbortSignal.any([signal, stop.signal])
  let newest = start.newest
  const reading = {
    by: `follow-${scope.id}`,
    topicId,
    sender: makeSender(writer, batchBytes, () => fault('follow.afterSend')),
    ledger,
    gate,
    signal: ending,
    note: events.note,
  }
  const pool = new ReadingPool({
    services,
    reading,
    known,
    tally,
    fault,
    entered({ key, uploaded }) {
      if (newest === null || uploaded >= Date.parse(newest.uploaded)) newest = { key, uploaded: new Date(uploaded).toISOString() }
    },
  })
  const finderDeps = { services, source, scope, request, since, pool, known, tally, events, fault }
  const finder: Finder = queue === null ? listFinder(finderDeps, start.through) : queueFinder(finderDeps, queue)

  let written = { text: '', at: Number.NEGATIVE_INFINITY }
  async function record(): Promise<void> {
    const through = finder.through === null ? null : new Date(finder.through).toISOString()
    const state = { request: scope.text, since: new Date(since).toISOString(), through, newest, waiting: pool.waiting }
    const now = clock.monotonic()
    const text = JSON.stringify(state)
    if (text === written.text && now - written.at < sameRecordEveryMs) return
    written = { text, at: now }
    await ledger.follow(scope.id, { ...state, at: new Date(clock.now()).toISOString() })
    await fault('follow.afterRecord')
  }
  async function keepRecord(): Promise<void> {
    for (let at = clock.monotonic(); !ending.aborted; await clock.sleep(reportEveryMs, ending)) {
      report(deps, pool, newest)
      if (clock.monotonic() - at < recordEveryMs) continue
      at = clock.monotonic()
      await record()
    }
  }

  let working: Promise<void>[] = []
  try {
    // Before anything is looked for: from when on uploads are new is known from now on.
    await record()
    working = [finder.find(ending), keepRecord(), watchLag(services, gate, ending)]
    await Promise.race([Promise.all(working), pool.failed, aborted(ending)])
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stop.abort()
    // Whoever waits for an object is told by the pool, so the pool ends first.
    await pool.ended()
    await Promise.allSettled(working)
    report(deps, pool, newest)
    if (signal.aborted) await record().catch(error => services.logger.warn({}, `writing how far the follow is: ${describe(error)}`))
    await writer.close()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

interface Start {
  readonly since: number
  readonly through: number
  /** Of the ledger. */
  readonly knownFrom: number
  readonly newest: FollowRecord['newest']
}

/** Where its record says that it was; the first time, now. Another `since` than the record's begins anew. */
async function startOf({ services, scope, request, queue }: FollowDeps): Promise<Start> {
  const found = await readSourcesRecord(services, followKeyOf(scope.id))
  const record = found?.is === 'follow' ? found.follow : null
  const asked = request.since
  // The clocks of this machine and of the store may differ, and an upload may just be under way.
  const since = asked ?? (record === null ? services.clock.now() - request.overlapMs : Date.parse(record.since))
  if (record === null || Date.parse(record.since) !== since) return { since, through: since, knownFrom: since, newest: null }
  const through = record.through === null ? since : Date.parse(record.through)
  const last = record.newest === null ? since : Date.parse(record.newest.uploaded) - messagesLateMs
  const knownFrom = Math.max(since, queue === null ? through - request.overlapMs : last)
  return { since, through, knownFrom, newest: record.newest }
}

function report({ services, tally, events }: FollowDeps, pool: ReadingPool, newest: FollowRecord['newest']): void {
  const { objects, lines } = tally.counts
  const behindSeconds = pool.oldest === null ? 0 : Math.max(0, (services.clock.now() - pool.oldest) / 1000)
  events.progress({ objects, lines, waiting: pool.waiting, behindSeconds, newest: newest?.key ?? null })
}
