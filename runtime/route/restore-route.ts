import { type Ledger, newLedger, restore as restoreLedger } from '../../processors/route/ledger.js'
import { TributaryError } from '../../schemas/errors.js'
import { decodeRouteSeen, idRules } from '../../schemas/route-seen.js'
import { topicName } from '../../schemas/topics.js'
import { readLedgers } from '../read-ledgers.js'
import { readRange } from '../read-range.js'
import { restoreProgress } from '../restore-progress.js'
import type { RestoredEnds } from '../restored-ends.js'
import type { StateStore } from '../state/state-store.js'
import { type TaskStore, takeStore } from '../state/task-store.js'
import type { TaskContext } from '../task.js'
import { requireAgreement } from './require-agreement.js'
import { requireSameRules } from './require-id-rules.js'
import type { RouteDeps } from './route-task.js'
import { seenEntries } from './seen-entries.js'

export interface RestoredRoute {
  readonly store: TaskStore<number>
  /** Next `xapi` offset. */
  readonly position: number
  /** Next `route-seen` offset. */
  readonly changelog: number
  readonly ledger: Ledger
  readonly ends: RestoredEnds
}

const packBytes = 1 << 20

/** Of the store: keys are ids, so their rules are its layout; values empty, the position is the next `xapi` offset. */
const layout = idRules

/**
 * Brings the store up to the last stable offset of its changelog, as of now: the claim has fenced the former owner and ended its
 * transaction, so nothing can be added below. The position is that of the last record of the changelog.
 */
export async function restoreRoute(deps: RouteDeps, partition: number, held: StateStore, context: TaskContext): Promise<RestoredRoute> {
  const topic = topicName('route-seen', deps.naming)
  const { stable, low } = (await deps.log.watermarks(topic, [partition])).get(partition)!
  const owner = { producerId: context.tx.producerId, epoch: context.tx.epoch }
  const { clusterId: cluster, topicIds: topics } = deps
  const terms = { store: context.tx.transactionalId, layout, cluster, topics, low, stable, owner, tombstonesKeptMs: null }
  const store = takeStore<number>(held, terms, deps)
  // Ids that were deleted from the log, and are not here either, would be events again when they come again.
  if (store.found === null && low > 0)
    throw new TributaryError(
      'OFFSET_LOST',
      `restoring the ids seen from ${topic}/${partition}: it begins at ${low}; \`tributary reset\` makes all again`,
    )
  let { position, changelog } = store.found ?? { position: 0, changelog: 0 }
  const merge = (packs: readonly Buffer[]) => store.merge({ puts: seenEntries(packs) }, { position, changelog, owner })

  const progress = restoreProgress(deps.clock, deps.logger, `${topic}/${partition}`, changelog, stable)
  const reader = deps.log.reader()
  let packs: Buffer[] = []
  let bytes = 0
  try {
    await readRange(reader, { topic, partition, from: changelog, to: stable }, (records, next) => {
      for (const record of records) {
        const seen = decodeRouteSeen(record.value!)
        // Looked at when the role began, too: but an older release may have been at work since.
        requireSameRules(seen.idRules, deps.naming, partition)
        position = seen.position
        // A copy: the fetched batch is gone after this.
        if (seen.keys.length > 0) packs.push(Buffer.concat(seen.keys))
        bytes += record.value!.length
      }
      changelog = next
      if (bytes < packBytes) return
      merge(packs)
      progress.note(changelog)
      packs = []
      bytes = 0
    })
    merge(packs)
  } finally {
    await reader.close()
  }

  const ledger = newLedger(partition)
  const books = await readLedgers(deps, partition)
  for (const record of books.records) restoreLedger(ledger, record.ledger)
  await requireAgreement(deps, partition, position, ledger)
  const ends: RestoredEnds = new Map([
    [topic, stable],
    [topicName('route-ledger', deps.naming), books.end],
  ])
  return { store, position, changelog, ledger, ends }
}
