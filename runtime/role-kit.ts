import type { Aggregate } from '../processors/aggregate.js'
import { groupName } from '../schemas/topics.js'
import type { Format } from '../sinks/format.js'
import type { Fault } from './fault.js'
import { type Feed, makeFeed } from './feed.js'
import type { Hints } from './hints.js'
import type { Codec } from './registry/codec.js'
import { runRole } from './role.js'
import type { Services } from './services.js'
import type { MemberFile } from './state/member-file.js'
import type { RoleReport } from './state/role-report.js'
import type { StateStore } from './state/state-store.js'
import { runTask, type Task } from './task.js'

/** What every role is started with. */
export interface RoleKit {
  readonly services: Services
  readonly codec: Codec
  readonly aggregates: readonly Aggregate[]
  readonly formats: readonly Format[]
  /** What this process keeps locally of a task; by name, where a task keeps more than one. */
  openStore(partition: number, name?: string): StateStore
  readonly member: MemberFile
  readonly report: RoleReport
  /** Aborts = finish or abort what is open, then end. */
  readonly signal: AbortSignal
  readonly fault: Fault
  /** Files that a manifest may list itself (default 5,000); tests take fewer. */
  readonly mostInline?: number
}

/** Most compressed bytes of one fetch over all partitions: opened they take several times as much. */
const fetchBytesInAll = 1 << 20

export function feedOf({ log, config }: Services, maxWaitMs: number): Feed {
  const { fetchBytes, partitions } = config
  return makeFeed(log.reader(), {
    maxWaitMs,
    maxBytesPerPartition: fetchBytes,
    maxBytes: Math.min(fetchBytes * partitions, fetchBytesInAll),
  })
}

/** One task per owned partition of `topic`, each claimed, restored and run under the rules of `runTask`. */
export function runTasks(
  kit: RoleKit,
  role: 'route' | 'aggregate' | 'sink',
  topic: string,
  hints: Hints,
  taskOf: (partition: number) => Task,
): Promise<void> {
  const { log, clock, naming } = kit.services
  const logger = kit.services.logger.child({ role })
  return runRole({
    log,
    clock,
    logger,
    group: groupName(role, naming),
    topic,
    signal: kit.signal,
    member: kit.member,
    task: (partition, stop, confirm) =>
      runTask(taskOf(partition), {
        log,
        clock,
        signal: stop,
        confirm,
        logger,
        report: reportOf(kit, `task ${partition}`),
        phase: phase => logger.debug({ partition, phase }, 'task'),
      }).finally(() => hints.drop(partition)),
  })
}

const reportOf = ({ report }: RoleKit, what: string) => ({
  failed: (why: string) => report.failed(what, why),
  runs: () => report.runs(what),
  over: () => report.over(what),
})
