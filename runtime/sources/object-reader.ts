import { lineDeadLetter, lineRecord, tooLarge } from '../../producers/line-record.js'
import type { Line } from '../../producers/line-splitter.js'
import { newObjectCounts, type ObjectCounts } from '../../producers/object-counts.js'
import type { PlannedObject } from '../../producers/source.js'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { learnerKeyParts } from '../../schemas/learner-key.js'
import type { RefusalCode } from '../../schemas/refusal.js'
import { topicName } from '../../schemas/topics.js'
import type { Services } from '../services.js'
import type { LagGate } from './lag-gate.js'
import { objectLines } from './object-lines.js'
import type { Sender } from './sender.js'
import type { LedgerWriter } from './source-ledger.js'

const versionsTried = 3
/** An object with more sections than this names none of them: its ledger entry stays small. */
const mostSections = 2_000

/** Where the lines of objects go, and who asks for it. */
export interface Reading {
  /** The run or follow that reads: its name in the ledger. */
  readonly by: string
  /** Of the topic `xapi`. */
  readonly topicId: string
  readonly sender: Sender
  readonly ledger: LedgerWriter
  readonly gate: LagGate
  readonly signal: AbortSignal
  /** Awaited after every piece of an object, with the number of lines read in all: keeps to a rate. */
  pace(lines: number): Promise<void>
  /** Something that a person should know. */
  note(text: string): void
}

/** `sent`: all of its lines are handed to the sender. `gone`: nothing is there any more. `changing`: another version at every try. */
export type ReadEnd = 'sent' | 'gone' | 'changing'

export interface ObjectReader {
  /** Lines and stored bytes so far, of objects that are not finished too. */
  readonly lines: number
  readonly bytes: number
  /**
   * 1 read 2 send 3 acknowledged 4 ledger entry 5 `entered`, with the version that was read. Resolves after 1: what follows happens when
   * the sender sends. Several objects may be read at once.
   */
  read(object: PlannedObject, entered: (object: PlannedObject, counts: ObjectCounts) => Promise<void> | void): Promise<ReadEnd>
}

/** The one way in which objects become records of `xapi`: of backfill and of follow. */
export function makeObjectReader({ store, clock, config, naming }: Services, reading: Reading): ObjectReader {
  const { sender, gate, signal } = reading
  const xapi = topicName('xapi', naming)
  const deadLetters = topicName('dead-letters', naming)
  let lines = 0
  let bytes = 0

  /** One pass over one version of an object. */
  async function readOnce(object: PlannedObject): Promise<ObjectCounts> {
    const counts = newObjectCounts()
    const entry = { partitions: config.partitions, received: new Date(clock.now()).toISOString() }
    const sections = object.section === null ? new Set<string>() : null
    const refuse = (code: RefusalCode, record: ReturnType<typeof lineDeadLetter>) => {
      counts.refused[code] = (counts.refused[code] ?? 0) + 1
      sender.add(deadLetters, record)
    }
    const take = (line: Line) => {
      lines++
      counts.lines++
      if (line.tooLong) refuse('too_large', lineDeadLetter(object, line, tooLarge(line, config.maxStatementBytes), entry))
      else {
        const record = lineRecord(object, line, entry)
        sender.add(xapi, record)
        counts.published++
        if (sections !== null && sections.size <= mostSections && record.key !== null)
          sections.add(learnerKeyParts(record.key.toString()).section)
      }
    }
    const read = objectLines(store, object, clock, config.maxStatementBytes, n => (bytes += n))
    for await (const { lines: found, blank, broken } of read) {
      if (signal.aborted) throw new TributaryError('INCOMPLETE', `reading s3://${object.bucket}/${object.key} was stopped`)
      for (const line of found) take(line)
      if (broken !== null) {
        counts.lines++
        refuse(broken.refusal.code, lineDeadLetter(object, broken.line, broken.refusal, entry))
      }
      counts.blank = blank
      gate.sent(found.length)
      await sender.room()
      await giveWay()
      await reading.pace(lines)
    }
    counts.lines += counts.blank
    if (sections !== null) counts.sections = sections.size <= mostSections ? [...sections] : null
    return counts
  }

  /** Others stand in the same queue: who reads much waits where it would make them wait. */
  async function giveWay(): Promise<void> {
    for (let ms = gate.wait(clock.monotonic()); ms > 0 && !signal.aborted; ms = gate.wait(clock.monotonic())) await clock.sleep(ms, signal)
  }

  return {
    get lines() {
      return lines
    },
    get bytes() {
      return bytes
    },
    async read(planned, entered) {
      let object = planned
      for (let tries = 1; ; tries++)
        try {
          const counts = await readOnce(object)
          const at = new Date(clock.now()).toISOString()
          const version = object
          const { etag, size } = version
          sender.afterAck(async () => {
            await reading.ledger.object(version, { etag, size, ...counts, run: reading.by, at, topicId: reading.topicId })
            await entered(version, counts)
          })
          return 'sent'
        } catch (error) {
          if (!isTributaryError(error, 'SOURCE_CHANGED')) throw error
          const now = await store.head(object.bucket, object.key)
          if (now === null) return 'gone'
          if (tries >= versionsTried) return 'changing'
          reading.note(`s3://${object.bucket}/${object.key} changed while it was read: reading it again from its beginning`)
          object = { ...object, size: now.size, etag: now.etag, lastModified: now.modified }
        }
    },
  }
}
