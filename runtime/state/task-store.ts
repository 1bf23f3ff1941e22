import { TributaryError } from '../../schemas/errors.js'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import { judgeStore, type StoreTerms } from './judge-store.js'
import type { Change, StateStore } from './state-store.js'
import { encodeHeader, type StoreIdentity, type StoreOwner } from './store-header.js'

/** Where a merge leaves the task. */
export interface MergedAt<Position> {
  readonly position: Position
  /** Next offset of the changelog. */
  readonly changelog: number
  /** Who committed what is merged. A commit gives the writer a new epoch: take it before. */
  readonly owner: StoreOwner
}

/** The state of one task, taken over from whoever had it before. */
export interface TaskStore<Position> extends Pick<StateStore, 'has' | 'get' | 'range'> {
  /** As of the last merge of what was there; null = it was of no use, and the state is rebuilt from the beginning of the changelog. */
  readonly found: { readonly position: Position; readonly changelog: number } | null
  /** @throws {TributaryError} FENCED when somebody else has merged meanwhile; nothing was changed then. */
  merge(change: Change, at: MergedAt<Position>): void
}

/** Keeps what the store holds if that is of use, else empties it and says why. */
export function takeStore<Position>(
  store: StateStore,
  terms: Omit<StoreTerms, 'now'>,
  deps: { readonly clock: Clock; readonly logger: Logger },
): TaskStore<Position> {
  const held = store.header()
  const verdict = judgeStore(held, { ...terms, now: deps.clock.now() })
  if (!verdict.usable) {
    if (held !== null) deps.logger.warn({ store: terms.store, why: verdict.why }, `the local state is rebuilt: ${verdict.why}`)
    store.clear()
  }
  const identity: StoreIdentity = { store: terms.store, layout: terms.layout, cluster: terms.cluster, topics: terms.topics }
  return {
    found: verdict.usable ? { position: verdict.header.position as Position, changelog: verdict.header.changelog } : null,
    has: key => store.has(key),
    get: key => store.get(key),
    range: range => store.range(range),
    merge(change, { position, changelog, owner }) {
      const { producerId, epoch } = owner
      const header = encodeHeader({ ...identity, position, changelog, producerId, epoch, mergedAt: deps.clock.now() })
      if (!store.merge(change, header)) throw new TributaryError('FENCED', `merging state of ${terms.store}: somebody else has`)
    },
  }
}
