import type { Source } from '../../producers/source.js'
import type { Fault } from '../fault.js'
import type { Services } from '../services.js'
import type { KnownObjects } from './known-objects.js'
import type { ReadingPool } from './reading-pool.js'
import type { FollowEvents, FollowRequest } from './request.js'
import type { Scope } from './scope.js'
import type { Tally } from './tally.js'

/** What every way of finding new objects is given. */
export interface FinderDeps {
  readonly services: Services
  readonly source: Source
  readonly scope: Scope
  readonly request: FollowRequest
  /** Earlier uploads are history. ms since 1970. */
  readonly since: number
  readonly pool: ReadingPool
  readonly known: KnownObjects
  readonly tally: Tally
  readonly events: FollowEvents
  readonly fault: Fault
}

/** A way of finding new objects. It hands them to the pool, and forgets them only when they are in the ledger. */
export interface Finder {
  /** What was uploaded earlier is done, by the store's clock in ms; null = it does not keep count. */
  readonly through: number | null
  /** Until the signal; throws when it cannot go on. */
  find(signal: AbortSignal): Promise<void>
}
