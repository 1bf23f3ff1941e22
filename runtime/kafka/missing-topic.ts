import { TributaryError } from '../../schemas/errors.js'
import type { BackOff } from './back-off.js'
import type { ClusterMap } from './cluster-map.js'

/** A topic that was just made is not known everywhere at once. */
const graceMs = 5_000

/** Throws once a topic is missing for longer than a new one could be. */
export function refuseMissing(map: ClusterMap, backOff: BackOff, topics: Iterable<string>): void {
  if (backOff.lastedMs < graceMs) return
  for (const topic of topics) if (!map.knows(topic)) throw new TributaryError('TOPIC_MISSING', topic)
}
