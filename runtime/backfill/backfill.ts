import { allSources } from '../../producers/all-sources.js'
import { addRuns, isBalanced, noRunCounts } from '../../producers/object-counts.js'
import type { Source } from '../../producers/source.js'
import { TributaryError } from '../../schemas/errors.js'
import type { RunCounts, RunRecord } from '../../schemas/sources.js'
import { type Fault, noFault } from '../fault.js'
import type { LogWriter } from '../log.js'
import type { Services } from '../services.js'
import { makeLagGate } from '../sources/lag-gate.js'
import { makeSender } from '../sources/sender.js'
import { ledgerWriter } from '../sources/source-ledger.js'
import { watchLag } from '../sources/watch-lag.js'
import { requireTopics } from '../topics-admin.js'
import { awaitRun, type RunWait } from './await-run.js'
import { watchOutcome } from './outcome.js'
import { type FrozenPlan, freezePlan } from './plan-backfill.js'
import { readObjects } from './read-run.js'
import type { BackfillEvents, BackfillPlan, BackfillRequest, BackfillSum } from './request.js'
import { writeMarkers } from './seal.js'

const batchBytes = 4 << 20

/** What a run would read. Changes nothing. */
export async function planBackfill(services: Services, sources: readonly Source[], request: BackfillRequest): Promise<BackfillPlan> {
  await requireTopics(services)
  const plan = await freezePlan(services, allSources(sources), request)
  await plan.read.close()
  const { objects, bytes, skipped, sections: found, notTaken, empty, resumes } = plan
  return { objects, bytes, skipped, sections: found, notTaken, empty, resumes }
}

/**
 * Replays objects onto `xapi`.
 *
 * 1 list and freeze the plan 2 per object: read, send, acknowledged 3 ledger entry 4 one `end` marker per partition 5 every route position
 * is past them 6 one `sealed` marker per partition: only now is the history loaded. Killed anywhere, the same request goes on: objects
 * without an entry are read again, and what was sent twice is a duplicate.
 */
export async function backfill(
  services: Services,
  sources: readonly Source[],
  request: BackfillRequest,
  options: { readonly wait: RunWait | null; readonly fault?: Fault },
  events: BackfillEvents,
  signal: AbortSignal,
): Promise<BackfillSum> {
  await requireTopics(services)
  const { clock } = services
  const began = { at: clock.now(), monotonic: clock.monotonic() }
  const plan = await freezePlan(services, allSources(sources), request)
  try {
    events.planned(plan)
    const writer = await services.log.writer()
    try {
      return await replay(services, request, plan, { ...options, fault: options.fault ?? noFault }, writer, events, signal, began)
    } finally {
      await writer.close()
    }
  } finally {
    await plan.read.close()
  }
}

async function replay(
  services: Services,
  request: BackfillRequest,
  plan: FrozenPlan,
  options: { readonly wait: RunWait | null; readonly fault: Fault },
  writer: LogWriter,
  events: BackfillEvents,
  signal: AbortSignal,
  began: { readonly at: number; readonly monotonic: number },
): Promise<BackfillSum> {
  const { clock } = services
  const id = plan.resumed?.id ?? runId(began.at, clock.uuid())
  const ledger = ledgerWriter(services, writer)
  // What is kept of a run is all of it, however often it was stopped; what is said at its end is of this process, which knows no other outcome.
  const { before } = plan
  const whole = (read: RunCounts): RunCounts => ({ ...addRuns(before, read), skipped: plan.skipped - before.objects })
  const start: RunRecord = {
    plan: { objects: before.objects + plan.objects, bytes: before.bytes + plan.bytes },
    sections: plan.loaded.sections(),
    loads: plan.loaded.loads(),
    notTaken: plan.notTaken,
    state: 'running',
    counts: whole(noRunCounts),
    startedAt: plan.resumed?.run.startedAt ?? new Date(began.at).toISOString(),
    endedAt: null,
    request: plan.request,
    sealed: null,
    topicId: plan.topicId,
  }
  await ledger.run(id, start)

  const outcome = await watchOutcome(services, writer)
  const sender = makeSender(outcome.writer, batchBytes, () => options.fault('backfill.afterSend'))
  const gate = makeLagGate('history')
  const run = { by: id, topicId: plan.topicId, sender, ledger, limitRate: request.limitRate, gate, fault: options.fault }
  const watching = new AbortController()
  const watched = watchLag(services, gate, watching.signal)
  const { counts: read, changed } = await readObjects(services, run, plan, events, signal).finally(() => {
    watching.abort()
    return watched
  })
  const counts: RunCounts = { ...read, skipped: plan.skipped }
  if (!isBalanced(counts)) throw new Error(`adding up run ${id}: ${JSON.stringify(counts)} is not lines = blank + published + refused`)
  if (changed.length > 0) {
    await ledger.run(id, { ...start, state: 'incomplete', counts: whole(read) })
    throw new TributaryError('SOURCE_CHANGED', changed.join('; '))
  }

  const ends = await writeMarkers(services, writer, id, 'end')
  const loads = plan.loaded.loads()
  const ended: RunRecord = {
    ...start,
    sections: plan.loaded.sections(),
    loads,
    state: 'ended',
    counts: whole(read),
    endedAt: new Date(clock.now()).toISOString(),
  }
  await ledger.run(id, ended)
  await options.fault('backfill.afterEnd')
  const progress = { objects: plan.objects, totalObjects: plan.objects, bytes: plan.bytes, totalBytes: plan.bytes, lines: counts.lines }
  events.progress({ phase: 'sealing', ...progress })
  const waiting = awaitRun(services, options.wait, events, signal)
  try {
    const passed = await waiting.route(ends)
    const sum = { id, ...counts, before, notTaken: plan.notTaken, empty: plan.empty, loads, sealed: passed }
    if (passed) {
      const sealed = await writeMarkers(services, writer, id, 'sealed')
      await ledger.run(id, { ...ended, state: 'sealed', sealed })
      if (options.wait !== null) {
        events.progress({ phase: 'waiting', ...progress })
        await waiting.datasets(sealed.map(offset => offset + 1))
      }
    }
    const made = passed && options.wait !== null ? await outcome.read(waiting.signal) : null
    return { ...sum, outcome: made, seconds: (clock.monotonic() - began.monotonic) / 1000 }
  } finally {
    await waiting.close()
  }
}

/** Sorts by time, and two runs of one second differ. */
function runId(now: number, uuid: string): string {
  const time = new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 15)
  return `${time}Z-${uuid.slice(0, 6)}`
}
