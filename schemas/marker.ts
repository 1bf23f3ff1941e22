import { parseObject } from './json-value.js'

/** `end`: everything of the run lies before it. `sealed`: its misplaced records, moved to their partitions, do too. */
export const markerKinds = ['end', 'sealed'] as const
export type MarkerKind = (typeof markerKinds)[number]

/** A control record in the log, one per partition: the value, as JSON, of a record with the header `marker`. */
export interface Marker {
  readonly kind: MarkerKind
  readonly run: string
  readonly partition: number
}

export function encodeMarker({ kind, run, partition }: Marker): Buffer {
  return Buffer.from(JSON.stringify({ kind, run, partition }))
}

/** Runs are named by an id. It becomes a key in every topic of events. */
const longestRun = 256

/** Undefined = not a marker: anyone may write to `xapi`, so nothing is believed. */
export function parseMarker(value: Buffer | null): Marker | undefined {
  const { kind, run, partition } = (value === null ? undefined : parseObject(value.toString('utf8'))) ?? {}
  const known = markerKinds.find(each => each === kind)
  if (known === undefined || typeof run !== 'string' || run === '' || run.length > longestRun) return undefined
  return typeof partition === 'number' && Number.isSafeInteger(partition) && partition >= 0 ? { kind: known, run, partition } : undefined
}
