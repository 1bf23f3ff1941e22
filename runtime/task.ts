import { isTributaryError } from '../schemas/errors.js'
import type { Clock } from './clock.js'
import type { Log, TopicPartition, TransactionalWriter } from './log.js'
import { describe, type Logger } from './logger.js'
import { makeTaskState, type TaskPhase } from './task-state.js'

export interface TaskContext {
  readonly tx: TransactionalWriter
  readonly signal: AbortSignal
  /** The work says when it has restored and begins to process. */
  running(): void
}

export interface Task {
  readonly transactionalId: string
  /** Every partition that it writes to in transactions. */
  readonly writes: readonly TopicPartition[]
  /** Restores from what is committed, then works until the signal aborts. It may keep nothing from one call to the next. */
  work(context: TaskContext): Promise<void>
}

export interface TaskDeps {
  readonly log: Log
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** True when the group, just asked, says that the task is still ours. A claim is sent only after that: a stale one would fence the rightful owner. */
  confirm(): Promise<boolean>
  phase?(phase: TaskPhase): void
  /** Whether the task gets on; `over`: it is not ours any more. */
  readonly report?: { failed(why: string): void; runs(): void; over(): void }
}

const firstWaitMs = 100
const longestWaitMs = 30_000
const confirmWaitMs = 300
/** A transaction that was left open holds readers back until it is found. */
const lookEveryMs = 3_000
/** A task that ran this long before it broke starts over with short waits. */
const healthyMs = 60_000

/**
 * Claim → work, for ever. An error ends the open transaction and everything that was in memory: the task asks whether it is
 * still the owner (`recover`) and starts again from the committed position. Refused = fenced: claimed anew only if the group says so.
 * Ends before the signal only with DISK_FULL.
 */
export async function runTask(task: Task, deps: TaskDeps): Promise<void> {
  const { clock, logger, signal } = deps
  const state = makeTaskState(task.transactionalId, deps.phase)
  let tx: TransactionalWriter | null = null
  let wait = firstWaitMs
  try {
    while (!signal.aborted) {
      const began = clock.monotonic()
      const running = () => {
        state.enter('running')
        deps.report?.runs()
      }
      try {
        if (tx === null && !(await deps.confirm())) {
          // Not ours as far as the group says now: either the signal ends this task, or the next heartbeat is answered.
          state.enter('fenced')
          await clock.sleep(confirmWaitMs, signal)
          continue
        }
        state.enter('claiming')
        if (tx === null) tx = await deps.log.claim(task.transactionalId)
        else await tx.recover()
        // Before anything is read: what a broker left open hides records that are committed.
        for (const { topic, partition, firstOffset, commit } of await tx.settle(task.writes))
          logger.warn(
            { task: task.transactionalId, topic, partition, firstOffset },
            `a broker had left a transaction open in ${topic}/${partition}: it was ${commit ? 'committed' : 'aborted'}, as the rest of it`,
          )
        state.enter('restoring')
        await whileSettled(tx, deps, settled => task.work({ tx: tx!, signal: settled, running }))
      } catch (error) {
        if (signal.aborted) break
        // Nothing can be kept here: the whole role ends, so that instances with room get its tasks.
        if (isTributaryError(error, 'DISK_FULL')) throw error
        const fenced = isTributaryError(error, 'FENCED')
        const lost = isTributaryError(error, 'OFFSET_LOST')
        if (fenced) {
          await tx?.close()
          tx = null
        }
        if (clock.monotonic() - began > healthyMs) wait = firstWaitMs
        // Nothing that is tried again soon can bring back an offset: somebody has to act, and is told now and then.
        if (lost) wait = longestWaitMs
        const level = isTributaryError(error) && error.retry ? 'warn' : 'error'
        // Fenced is how a task moves: who has it now reports.
        if (!fenced) deps.report?.failed(describe(error))
        logger[level]({ task: task.transactionalId, waitMs: wait }, `task stopped, resumes from its position: ${describe(error)}`)
        // A confirmation that broke leaves the task where it was.
        if (isActive(state.phase)) state.enter(fenced ? 'fenced' : lost ? 'offset-lost' : 'waiting')
        await clock.sleep(wait, signal)
        wait = Math.min(wait * 2, longestWaitMs)
      }
    }
  } finally {
    deps.report?.over()
    await tx?.close()
  }
  state.enter('stopped')
}

const isActive = (phase: TaskPhase) => phase === 'claiming' || phase === 'restoring' || phase === 'running'

/**
 * Works until the signal, or until a broker turns out to have left an earlier transaction open: `send` would tell, but nothing may have to be
 * sent for long.
 */
async function whileSettled(
  tx: TransactionalWriter,
  { clock, signal }: TaskDeps,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = new AbortController()
  const left = new AbortController()
  let found: unknown
  const watch = async () => {
    const over = AbortSignal.any([signal, ended.signal])
    while (!over.aborted) {
      await clock.sleep(lookEveryMs, over)
      await tx.requireSettled()
    }
  }
  watch().catch(error => {
    found = error
    left.abort()
  })
  try {
    await work(AbortSignal.any([signal, left.signal]))
  } finally {
    ended.abort()
  }
  if (found !== undefined) throw found
}
