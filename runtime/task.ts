import { isTributaryError } from '../schemas/errors.js'
import type { Clock } from './clock.js'
import type { Log, TransactionalWriter } from './log.js'
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
}

const firstWaitMs = 100
const longestWaitMs = 30_000
const confirmWaitMs = 300
/** A task that ran this long before it broke starts over with short waits. */
const healthyMs = 60_000

/**
 * Claim → work, for ever. An error ends the open transaction and everything that was in memory: the task asks whether it is
 * still the owner (`recover`) and starts again from the committed position. Refused = fenced: claimed anew only if the group says so.
 */
export async function runTask(task: Task, deps: TaskDeps): Promise<void> {
  const { clock, logger, signal } = deps
  const state = makeTaskState(task.transactionalId, deps.phase)
  let tx: TransactionalWriter | null = null
  let wait = firstWaitMs
  try {
    while (!signal.aborted) {
      const began = clock.now()
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
        state.enter('restoring')
        await task.work({ tx, signal, running: () => state.enter('running') })
      } catch (error) {
        if (signal.aborted) break
        const fenced = isTributaryError(error, 'FENCED')
        const lost = isTributaryError(error, 'OFFSET_LOST')
        if (fenced) {
          await tx?.close()
          tx = null
        }
        if (clock.now() - began > healthyMs) wait = firstWaitMs
        // Nothing that is tried again soon can bring back an offset: somebody has to act, and is told now and then.
        if (lost) wait = longestWaitMs
        const level = isTributaryError(error) && error.retry ? 'warn' : 'error'
        logger[level]({ task: task.transactionalId, waitMs: wait }, `task stopped, resumes from its position: ${describe(error)}`)
        // A confirmation that broke leaves the task where it was.
        if (isActive(state.phase)) state.enter(fenced ? 'fenced' : lost ? 'offset-lost' : 'waiting')
        await clock.sleep(wait, signal)
        wait = Math.min(wait * 2, longestWaitMs)
      }
    }
  } finally {
    await tx?.close()
  }
  state.enter('stopped')
}

const isActive = (phase: TaskPhase) => phase === 'claiming' || phase === 'restoring' || phase === 'running'
