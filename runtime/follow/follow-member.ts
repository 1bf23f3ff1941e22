import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { allSources } from '../../producers/all-sources.js'
import { isBalanced } from '../../producers/object-counts.js'
import type { Source } from '../../producers/source.js'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { partitionOf } from '../../schemas/partition.js'
import { followKeyOf } from '../../schemas/sources.js'
import { followGroup, topicName } from '../../schemas/topics.js'
import type { EventQueue } from '../event-queue.js'
import type { Fault } from '../fault.js'
import { describe } from '../logger.js'
import { runRole } from '../role.js'
import type { Services } from '../services.js'
import { emptyPrefixText, nearestNames } from '../sources/nearest-names.js'
import { type MemberFile, memberFile } from '../state/member-file.js'
import { takeRoleFolder } from '../state/role-folder.js'
import type { RoleReport } from '../state/role-report.js'
import { requireTopics } from '../topics-admin.js'
import { follow } from './follow.js'
import type { FollowEvents, FollowRequest, FollowSum } from './request.js'
import { type Scope, scopeOf } from './scope.js'
import { newTally, sumOf } from './tally.js'

export interface FollowOptions {
  readonly queue: EventQueue | null
  /** Where a store or a queue refuses: true = wait until somebody has mended it, as a role does; false = say so and end. */
  readonly patient: boolean
  readonly fault: Fault
  readonly events: FollowEvents
}

/** Told when nothing was ours for so long. */
const standbyMs = 5_000
const firstWaitMs = 500
const longestWaitMs = 30_000
/** One that ran this long before it broke starts over with short waits. */
const healthyMs = 60_000

/** Follows until the signal, with a folder of its own on this machine. */
export async function followAsMember(
  services: Services,
  sources: readonly Source[],
  request: FollowRequest,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<FollowSum> {
  if (request.sections.length === 0 && request.prefixes.length === 0)
    throw new TributaryError('WRONG_USAGE', 'following: name at least one section or prefix')
  await requireTopics(services)
  const scope = scopeOf(allSources(sources), request)
  await noteEmptyRoots(services, scope, options.events)
  const folder = takeRoleFolder(services.config, 'follow')
  try {
    // The folder may have been another follow's, which is a member of another group.
    const own = join(folder.path, scope.id)
    mkdirSync(own, { recursive: true })
    folder.report.started()
    return await followInGroup(services, sources, request, { ...options, member: memberFile(own), report: folder.report }, signal)
  } finally {
    folder.release()
  }
}

/** Of many sections that are not there a few are enough to see what is wrong. */
const mostExplained = 20

/** A section may be new and have no upload yet, or be misspelt: it is said at the start, and followed. */
async function noteEmptyRoots({ store, logger }: Services, { bucket, roots }: Scope, events: FollowEvents): Promise<void> {
  try {
    for (const root of roots.slice(0, mostExplained)) {
      const empty = await nearestNames(store, bucket, root)
      if (empty !== null) events.note(`following s3://${bucket}/${root}: ${emptyPrefixText(empty)}. What is uploaded there will be read.`)
    }
  } catch (error) {
    // Whoever reads needs the store, and waits for it or says what is wrong.
    logger.debug({}, `looking at what is followed: ${describe(error)}`)
  }
}

/**
 * Follows as one of those who could: instances with the same request are a group over `sources`, and who owns the partition in which the
 * record of the follow lies does the work. The others stand by. Trouble of servers is waited out.
 */
export async function followInGroup(
  services: Services,
  sources: readonly Source[],
  request: FollowRequest,
  options: FollowOptions & { readonly member: MemberFile; readonly report?: Pick<RoleReport, 'failed' | 'over'> },
  signal: AbortSignal,
): Promise<FollowSum> {
  const { clock, config, log, naming } = services
  const logger = services.logger.child({ role: 'follow' })
  const source = allSources(sources)
  const scope = scopeOf(source, request)
  const ours = partitionOf(Buffer.from(followKeyOf(scope.id)), config.partitions)
  const began = clock.monotonic()
  const tally = newTally()
  let owned = new AbortController()
  function standBy(): void {
    const soon = new AbortController()
    owned = soon
    void clock.sleep(standbyMs, AbortSignal.any([signal, soon.signal])).then(() => {
      if (!signal.aborted && !soon.signal.aborted) options.events.standsBy()
    })
  }

  async function work(stop: AbortSignal): Promise<void> {
    owned.abort()
    let wait = firstWaitMs
    while (!stop.aborted) {
      const started = clock.monotonic()
      try {
        await follow({ services, source, scope, request, tally, ...options }, stop)
      } catch (error) {
        if (stop.aborted) return
        if (!isTributaryError(error) || !(error.retry || options.patient)) throw error
        if (clock.monotonic() - started > healthyMs) {
          wait = firstWaitMs
          options.report?.over('following')
        }
        options.report?.failed('following', describe(error))
        logger[error.retry ? 'warn' : 'error']({ waitMs: wait }, `following stopped, goes on from the ledger: ${describe(error)}`)
        await clock.sleep(wait, stop)
        wait = Math.min(wait * 2, longestWaitMs)
      }
    }
  }

  standBy()
  await runRole({
    log,
    clock,
    logger,
    group: followGroup(scope.id, naming),
    topic: topicName('sources', naming),
    member: options.member,
    signal,
    task: async (partition, stop) => {
      if (partition === ours) await work(stop).finally(standBy)
      else await new Promise<void>(resolve => stop.addEventListener('abort', () => resolve(), { once: true }))
    },
  })
  const sum = sumOf(tally, scope.id, options.queue !== null, (clock.monotonic() - began) / 1000)
  if (!isBalanced(sum)) throw new Error(`adding up follow ${sum.id}: ${JSON.stringify(sum)} is not lines = blank + published + refused`)
  return sum
}
