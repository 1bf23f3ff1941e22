import { addObject, newObjectCounts, noRunCounts, type ObjectCounts } from '../../producers/backfill-ledger.js'
import { backfillDeadLetter, backfillRecord, type Entry, tooLarge } from '../../producers/backfill-record.js'
import { type Line, LineSplitter } from '../../producers/line-splitter.js'
import type { PlannedObject } from '../../producers/source.js'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import type { RefusalCode } from '../../schemas/refusal.js'
import type { RunCounts } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import type { Fault } from '../fault.js'
import type { Services } from '../services.js'
import type { LagGate } from './lag-gate.js'
import { cutOff, objectBytes } from './read-object.js'
import type { BackfillEvents } from './request.js'
import type { Sender } from './sender.js'
import type { LedgerWriter } from './source-ledger.js'

/** Objects read at once. */
const readers = 4
const versionsTried = 3

export interface ReadRun {
  readonly id: string
  readonly topicId: string
  readonly sender: Sender
  readonly ledger: LedgerWriter
  readonly limitRate: number | null
  readonly gate: LagGate
  readonly fault: Fault
}

/** Reads the objects of the plan, several at once. Each is entered into the ledger once all of its records are acknowledged. */
export async function readObjects(
  services: Services,
  run: ReadRun,
  objects: readonly PlannedObject[],
  events: BackfillEvents,
  signal: AbortSignal,
): Promise<{ counts: RunCounts; changed: readonly string[] }> {
  const { clock, config, naming } = services
  const xapi = topicName('xapi', naming)
  const deadLetters = topicName('dead-letters', naming)
  const began = clock.now()
  const totalBytes = objects.reduce((sum, object) => sum + object.size, 0)
  const changed: string[] = []
  const queue = [...objects]
  let counts = noRunCounts
  let lines = 0
  let bytes = 0

  const report = () =>
    events.progress({ phase: 'reading', objects: counts.objects, totalObjects: objects.length, bytes, totalBytes, lines })

  function take(object: PlannedObject, line: Line, object_: ObjectCounts, entry: Entry): void {
    lines++
    object_.lines++
    if (line.tooLong) refuse('too_large', object_, () => backfillDeadLetter(object, line, tooLarge(line, config.maxStatementBytes), entry))
    else {
      run.sender.add(xapi, backfillRecord(object, line, entry))
      object_.published++
    }
  }
  function refuse(code: RefusalCode, object_: ObjectCounts, record: () => Parameters<Sender['add']>[1]): void {
    object_.refused[code] = (object_.refused[code] ?? 0) + 1
    run.sender.add(deadLetters, record())
  }

  /** One pass over one version of an object. */
  async function readOnce(object: PlannedObject): Promise<ObjectCounts> {
    const splitter = new LineSplitter(config.maxStatementBytes)
    const object_ = newObjectCounts()
    const entry = { partitions: config.partitions, received: new Date(clock.now()).toISOString() }
    let broken = false
    for await (const chunk of objectBytes(services.store, object, clock, n => (bytes += n))) {
      if (signal.aborted) throw new TributaryError('INCOMPLETE', 'the backfill was stopped')
      if (chunk === cutOff) broken = true
      else {
        const found = splitter.push(chunk)
        for (const line of found) take(object, line, object_, entry)
        run.gate.sent(found.length)
      }
      await run.sender.room()
      await giveWay()
      await pace()
    }
    // What a gzip stream that broke had begun is no statement: a dead letter says so, with what was there.
    if (!broken) for (const line of splitter.end()) take(object, line, object_, entry)
    else {
      const number = object_.lines + splitter.blank + 1
      const rest: Line = splitter.end()[0] ?? { tooLong: false, number, bytes: 0, unterminated: true, line: Buffer.alloc(0) }
      object_.lines++
      const refusal = { code: 'cut_off', reason: 'the gzip stream ends or is damaged here; what follows cannot be read' } as const
      refuse('cut_off', object_, () => backfillDeadLetter(object, rest, refusal, entry))
    }
    object_.lines += splitter.blank
    object_.blank = splitter.blank
    return object_
  }

  /** A rate is kept over the whole run; what is waiting goes out, so that a slow run is no late one. */
  async function pace(): Promise<void> {
    if (run.limitRate === null) return
    for (;;) {
      const ahead = lines / run.limitRate - (clock.now() - began) / 1000
      if (ahead <= 0 || signal.aborted) return
      await run.sender.drain()
      await clock.sleep(Math.min(ahead * 1000, 1000), signal)
    }
  }

  /** Live statements stand in the same queue: history waits where it would make them wait. */
  async function giveWay(): Promise<void> {
    for (let ms = run.gate.wait(clock.now()); ms > 0 && !signal.aborted; ms = run.gate.wait(clock.now())) await clock.sleep(ms, signal)
  }

  async function readObject(planned: PlannedObject): Promise<void> {
    let object = planned
    for (let version = 1; ; version++)
      try {
        const object_ = await readOnce(object)
        const at = new Date(clock.now()).toISOString()
        run.sender.afterAck(async () => {
          const { etag, size } = object
          await run.ledger.object(object, { etag, size, ...object_, run: run.id, at, topicId: run.topicId })
          counts = addObject(counts, size, object_)
          report()
          await run.fault('backfill.afterLedger')
        })
        return
      } catch (error) {
        if (!isTributaryError(error, 'SOURCE_CHANGED')) throw error
        const now = await services.store.head(object.bucket, object.key)
        if (now === null || version >= versionsTried) {
          changed.push(`s3://${object.bucket}/${object.key} ${now === null ? 'is gone' : 'keeps changing while it is read'}`)
          return
        }
        events.note(`s3://${object.bucket}/${object.key} changed while it was read: reading it again from its beginning`)
        object = { ...object, size: now.size, etag: now.etag, lastModified: now.modified }
      }
  }

  const reader = async () => {
    for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
      await readObject(object)
      report()
    }
  }
  const working = Array.from({ length: readers }, reader)
  try {
    await Promise.all(working)
  } catch (error) {
    queue.length = 0
    await Promise.allSettled(working)
    throw error
  }
  await run.sender.drain()
  report()
  return { counts, changed }
}
