import { headers } from '../schemas/headers.js'
import { encodeMarker, type MarkerKind } from '../schemas/marker.js'
import type { PlacedRecord } from './line-record.js'

/** One marker for each partition of `xapi`. */
export function runMarkers(run: string, kind: MarkerKind, partitions: number): readonly PlacedRecord[] {
  return Array.from({ length: partitions }, (_, partition) => ({
    partition,
    key: null,
    value: encodeMarker({ kind, run, partition }),
    headers: [[headers.marker, kind]] as const,
  }))
}
