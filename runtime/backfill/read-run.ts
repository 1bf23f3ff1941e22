import { addObject, noRunCounts } from '../../producers/object-counts.js'
import type { RunCounts } from '../../schemas/sources.js'
import type { Fault } from '../fault.js'
import type { Services } from '../services.js'
import { makeObjectReader, type Reading } from '../sources/object-reader.js'
import type { FrozenPlan } from './plan-backfill.js'
import type { BackfillEvents } from './request.js'

/** Objects read at once. */
const readers = 4
/** Objects that changed and are named; they may be very many. */
const mostNamed = 20

export type ReadRun = Omit<Reading, 'pace' | 'note' | 'signal'> & {
  /** Statements per second; null = as fast as it goes. */
  readonly limitRate: number | null
  readonly fault: Fault
}

/** Reads the objects of the plan, several at once. Each is entered into the ledger once all of its records are acknowledged. */
export async function readObjects(
  services: Services,
  run: ReadRun,
  { read, loaded, objects: totalObjects, bytes: totalBytes }: Pick<FrozenPlan, 'read' | 'loaded' | 'objects' | 'bytes'>,
  events: BackfillEvents,
  signal: AbortSignal,
): Promise<{ counts: RunCounts; changed: readonly string[] }> {
  const { clock } = services
  const began = clock.monotonic()
  const changed: string[] = []
  let broken = false
  let counts = noRunCounts

  const reader = makeObjectReader(services, { ...run, signal, pace, note: events.note })
  const report = () => {
    const { lines, bytes } = reader
    events.progress({ phase: 'reading', objects: counts.objects, totalObjects, bytes, totalBytes, lines })
  }

  /** A rate is kept over the whole run; what is waiting goes out, so that a slow run is no late one. */
  async function pace(lines: number): Promise<void> {
    if (run.limitRate === null) return
    for (;;) {
      const ahead = lines / run.limitRate - (clock.monotonic() - began) / 1000
      if (ahead <= 0 || signal.aborted) return
      await run.sender.drain()
      await clock.sleep(Math.min(ahead * 1000, 1000), signal)
    }
  }

  async function readNext(): Promise<void> {
    for (let object = await read.next(); object !== undefined && !broken; object = await read.next()) {
      const end = await reader.read(object, async ({ size }, object_) => {
        counts = addObject(counts, size, object_)
        loaded.addSections(object_.sections ?? [])
        report()
        await run.fault('backfill.afterLedger')
      })
      if (end !== 'sent' && changed.length < mostNamed)
        changed.push(`s3://${object.bucket}/${object.key} ${end === 'gone' ? 'is gone' : 'keeps changing while it is read'}`)
      report()
    }
  }
  const working = Array.from({ length: readers }, readNext)
  try {
    await Promise.all(working)
  } catch (error) {
    broken = true
    await Promise.allSettled(working)
    throw error
  }
  await run.sender.drain()
  report()
  return { counts, changed }
}
