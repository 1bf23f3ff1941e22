import type { Clock } from './clock.js'
import type { Log, Membership } from './log.js'
import type { Logger } from './logger.js'
import { withPatience } from './patience.js'
import type { MemberFile } from './state/member-file.js'

export interface RoleDeps {
  readonly log: Log
  readonly clock: Clock
  readonly logger: Logger
  readonly group: string
  /** Owning its partition p is owning task p. */
  readonly topic: string
  readonly signal: AbortSignal
  readonly member: MemberFile
  /** Runs task p until the signal aborts; it may end earlier only when the task is not ours any more. */
  task(partition: number, signal: AbortSignal, confirm: () => Promise<boolean>): Promise<void>
}

/** From the signal until the group is left, finished or not. What is not finished is done again by whoever has the task next. */
const endMs = 6_000

interface Running {
  readonly stop: AbortController
  readonly done: Promise<void>
}

/**
 * Joins the group and runs one task per owned partition. Resolves after the signal, when every task has finished or aborted its transaction;
 * a task that hangs (S3 or Kafka does not answer) is left after a while, so that others get the tasks at once.
 */
export async function runRole(deps: RoleDeps): Promise<void> {
  const tasks = new Map<number, Running>()
  let membership: Membership | null = null
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)

  const start = (partition: number) => {
    const stop = new AbortController()
    const done = deps.task(
      partition,
      stop.signal,
      async () => membership !== null && (await membership.confirm()) && membership.owned.includes(partition),
    )
    done.catch(fail)
    tasks.set(partition, { stop, done })
  }
  const end = async (partitions: readonly number[]) => {
    const ending = partitions.flatMap(partition => tasks.get(partition) ?? [])
    for (const partition of partitions) tasks.delete(partition)
    for (const { stop } of ending) stop.abort()
    const ended = Promise.allSettled(ending.map(task => task.done))
    if (!(await withPatience(ended, deps.signal, endMs, deps.clock)))
      deps.logger.warn({ partitions }, 'tasks do not end: they are left, and resume elsewhere from their positions')
  }

  try {
    // Tasks that are assigned before `join` has returned wait for the membership: they ask it for confirmation.
    const early: number[] = []
    membership = await deps.log.join(
      deps.group,
      deps.topic,
      {
        async assigned(partitions) {
          deps.logger.info({ partitions }, 'tasks assigned')
          if (membership === null) early.push(...partitions)
          else for (const partition of partitions) start(partition)
        },
        async revoked(partitions) {
          deps.logger.info({ partitions }, 'tasks revoked')
          await end(partitions)
        },
        joined(memberId) {
          try {
            deps.member.write(memberId)
          } catch (error) {
            fail(error)
          }
        },
        lost: error => fail(error),
      },
      deps.member.left,
    )
    for (const partition of early) start(partition)
    const stopped = new Promise<void>(resolve => {
      if (deps.signal.aborted) resolve()
      else deps.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([stopped, failed])
  } finally {
    await end([...tasks.keys()])
    if (membership !== null) {
      await membership.leave()
      deps.member.clear()
    }
  }
}
