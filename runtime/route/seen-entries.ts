import { seenKeyBytes } from '../../schemas/route-seen.js'
import type { Entry } from '../state/state-store.js'

const nothing = Buffer.alloc(0)

/** Packed ids (n × 16 bytes each) as entries of the state store: that the key is there says it all. */
export function* seenEntries(packs: readonly Buffer[]): Generator<Entry> {
  for (const pack of packs) for (let at = 0; at < pack.length; at += seenKeyBytes) yield [pack.subarray(at, at + seenKeyBytes), nothing]
}
