import type { MemoryPartition } from '../../runtime/memory/memory-partition.js'
import { TributaryError } from '../../schemas/errors.js'
import type { Actor } from './actor.js'
import type { Decision, Scheduler } from './scheduler.js'

/** What is done to processes and their requests. */
export const faultKinds = [
  'crash',
  'lostDisk',
  'pause',
  'zombie',
  'cutOff',
  'leave',
  'exceptionAtPoint',
  'kafkaUnreachable',
  'kafkaAnswerLost',
  'kafkaRequestLate',
  'commitNotApplied',
  'commitApplied',
  'commitLate',
  'leftOpen',
  's3Unavailable',
  's3Conflict',
  's3NotDone',
  's3DoneAnswerLost',
  's3Outage',
  'clockStep',
  'brokerClockStep',
] as const

/** What may come of it, or of the order in which things happen. */
export const consequences = [
  'rebalance',
  'fenced',
  'transactionTimedOut',
  's3NameTaken',
  'misplaced',
  'duplicate',
  'deadLetter',
  'merge',
  'sessionGone',
  'bucketReplaced',
  'bucketOfSeveral',
  'backfillGivenAgain',
] as const

export type Happening = (typeof faultKinds)[number] | (typeof consequences)[number]

/** How often each happened. */
export type Tally = Record<Happening, number>
export const newTally = (): Tally => Object.fromEntries([...faultKinds, ...consequences].map(name => [name, 0])) as Tally

/** What the harness does to a process; the seed says when. */
export interface Harm {
  crash(actor: Actor): void
  /** The whole process stands still; beyond the session time-out it is a zombie when it wakes up. */
  pause(actor: Actor, ms: number): void
  /** Its heartbeats do not arrive: its tasks go to others while it goes on. */
  cutOff(actor: Actor): void
  /** A call in it never comes back, and its heartbeats go on: in the end somebody kills it. */
  strand(actor: Actor): void
  /** It is told to end, and does so in good order. */
  leave(actor: Actor): void
}

/** Decides at every step of every process. */
export interface Faults {
  decide(scheduler: Scheduler, actor: Actor, label: string, harm: Harm): Decision
  /** Partitions of a decided transaction that get no marker. */
  passOver?(partitions: readonly MemoryPartition[]): readonly MemoryPartition[]
  /** No more of them. */
  end(): void
}

export const noFaults: Faults = { decide: () => 'go', end: () => undefined }

/** The client gives the request up; it arrives after so many steps of the world. */
export class Late extends TributaryError {
  readonly steps: number

  constructor(label: string, steps: number) {
    super('KAFKA_UNREACHABLE', `injected at ${label}: it will arrive late`)
    this.steps = steps
  }
}

/** An answer of an S3 server; 0 = there was none. */
export function s3Status(status: number): Error {
  const problem = Object.assign(new Error('injected'), { name: 'Injected' })
  return status === 0 ? problem : Object.assign(problem, { $metadata: { httpStatusCode: status } })
}
