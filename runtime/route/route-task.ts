import { TributaryError } from '../../schemas/errors.js'
import { eventTopicIds, type Naming, placesOf, topicName, transactionalId } from '../../schemas/topics.js'
import type { Clock } from '../clock.js'
import type { Fault } from '../fault.js'
import type { Feed } from '../feed.js'
import { watchHeldBack } from '../held-back.js'
import type { Hints } from '../hints.js'
import type { Log, LogWriter } from '../log.js'
import type { Logger } from '../logger.js'
import type { Codec } from '../registry/codec.js'
import { proveRestored, type RestoredEnds } from '../restored-ends.js'
import type { StateStore } from '../state/state-store.js'
import type { TaskStore } from '../state/task-store.js'
import type { Task, TaskContext } from '../task.js'
import { type RestoredRoute, restoreRoute } from './restore-route.js'
import { seenEntries } from './seen-entries.js'
import { type Staged, stage } from './staged.js'

export interface RouteDeps {
  readonly log: Log
  /** Shared by the tasks of the process. */
  readonly feed: Feed
  /** Not transactional: moves misplaced records. */
  readonly mover: LogWriter
  readonly codec: Codec
  readonly naming: Naming
  readonly partitions: number
  readonly clusterId: string
  /** Of `route-seen` and `xapi`, by name. */
  readonly topicIds: Readonly<Record<string, string>>
  openStore(partition: number): StateStore
  readonly commitMs: number
  readonly commitBytes: number
  readonly maxMessageBytes: number
  readonly hints: Hints
  readonly clock: Clock
  readonly logger: Logger
  readonly fault: Fault
}

/** Route's task of one partition. */
export function routeTask(deps: RouteDeps, partition: number): Task {
  return {
    transactionalId: transactionalId('route', partition, deps.naming),
    writes: placesOf([...eventTopicIds, 'dead-letters', 'route-seen', 'route-ledger'], partition, deps.naming),
    async work(context) {
      await deps.fault('route.afterClaim')
      const store = deps.openStore(partition)
      try {
        const restored = await restoreRoute(deps, partition, store, context)
        await deps.fault('route.afterRestore')
        context.running()
        await runRoute(deps, partition, restored, context)
      } finally {
        await store.close()
      }
    },
  }
}

/**
 * 1 fetch from the position 2 step each record in a staged view of the store 3 move misplaced records, acknowledged 4 in one transaction
 * send the outputs, then (their offsets are known) the ledger, the ids and the position 5 commit 6 merge the staged ids into the local
 * store 7 group offset, as a hint for lag tools.
 *
 * Broken between 3 and 5 everything is done again: a moved record twice is a duplicate. Between 5 and 6 the store is behind its
 * changelog: the next restore reads the rest. The other way round it would hold ids whose events nobody has.
 */
async function runRoute(deps: RouteDeps, partition: number, restored: RestoredRoute, context: TaskContext): Promise<void> {
  const { clock } = deps
  const topic = topicName('xapi', deps.naming)
  let { position, changelog } = restored
  const { ledger, store, ends } = restored
  let committed = position
  let batch = stage(deps, partition, store, ledger)
  let began = clock.monotonic()
  const commit = async (next: number) => {
    changelog = await commitBatch(deps, partition, store, batch, next, changelog, ends, context)
    committed = next
    began = clock.monotonic()
    batch = stage(deps, partition, store, ledger)
  }
  deps.hints.note(topic, partition, position)
  const heldBack = watchHeldBack(deps.log, clock, deps.logger)
  while (!context.signal.aborted) {
    const [fetched] = await deps.feed.take([{ topic, partition, offset: position }])
    if (fetched!.lost)
      throw new TributaryError(
        'OFFSET_LOST',
        `${topic}/${partition} at ${position}: it holds ${fetched!.lost.low} to ${fetched!.lost.high}`,
      )
    heldBack.look(fetched!)
    if (fetched!.records.length > 0 && batch.records === 0) began = clock.monotonic()
    for (const record of fetched!.records) {
      batch.add(record)
      if (batch.full) await commit(record.offset + 1)
    }
    position = fetched!.next
    const late = clock.monotonic() - began >= deps.commitMs
    // With nothing but control records passed there is little to write, yet a waiter must see that the end was reached.
    if (late && (batch.records > 0 || position > committed)) await commit(position)
  }
  if (batch.records > 0) await commit(position)
}

/** Steps 3 to 7. Returns the next `route-seen` offset. */
async function commitBatch(
  deps: RouteDeps,
  partition: number,
  store: TaskStore<number>,
  batch: Staged,
  position: number,
  changelog: number,
  ends: RestoredEnds,
  { tx }: TaskContext,
): Promise<number> {
  if (batch.misplaced.length > 0) {
    await deps.mover.send(batch.misplaced)
    await deps.fault('route.afterMisplaced')
  }
  const appended = batch.outputs.length > 0 ? await tx.send(batch.outputs) : []
  await deps.fault('route.afterOutputs')
  const books = await tx.send(batch.bookkeeping(position, appended))
  proveRestored(ends, books)
  await deps.fault('route.afterPosition')
  const owner = { producerId: tx.producerId, epoch: tx.epoch }
  await tx.commit()
  await deps.fault('route.afterCommit')
  const next = (books[0]?.last ?? changelog - 1) + 1
  store.merge({ puts: seenEntries(batch.seenKeys) }, { position, changelog: next, owner })
  await deps.fault('route.afterMerge')
  deps.hints.note(topicName('xapi', deps.naming), partition, position)
  return next
}
