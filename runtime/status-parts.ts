import type { FollowRecord } from '../schemas/sources.js'
import { aggregateLag, type CommittedPosition } from './aggregate/aggregate-positions.js'
import type { Offsets } from './aggregate/member.js'
import type { Watermarks } from './log.js'
import type { Tables } from './publish/tables.js'
import type { FollowStatus, PartitionStatus, Standing, Status } from './status.js'

export type Decided = Map<string, 'replayed' | 'discarded'>

/** What was read of the partitions; `undefined` and what is missing is not known now. */
export interface ReadPartitions {
  readonly tables: Tables
  /** Of `xapi`. */
  readonly marks: ReadonlyMap<number, Watermarks>
  readonly states: readonly { readonly name: string; readonly positions: readonly (CommittedPosition | null)[] }[] | undefined
  /** Positions of route, where the ledgers cannot be read. */
  readonly routed: readonly number[] | undefined
  readonly hasLedgers: boolean
  isThere(topic: 'dataset-files' | 'route-ledger', partition: number): boolean
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
/** Of what is partly unknown the sum is. */
const sumOf = <T>(all: readonly T[], of: (each: T) => number | undefined): number | undefined =>
  all.reduce((total: number | undefined, each) => {
    const value = of(each)
    return total === undefined || value === undefined ? undefined : total + value
  }, 0)
/** Leaves out what is undefined: an absent field is one that is not known. */
export const known = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): { [K in keyof T]?: T[K] } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: T[K] }

export function partitionsOf(read: ReadPartitions): readonly PartitionStatus[] {
  const { tables, marks, hasLedgers } = read
  return tables.sinks.map(({ live }, partition) => {
    const end = marks.get(partition)?.high
    const standing = (position: number | undefined) =>
      end === undefined || position === undefined ? undefined : { position, lag: Math.max(0, end - position) }
    const ledger =
      hasLedgers && read.isThere('route-ledger', partition) ? (tables.ledgers.get(String(partition))?.position ?? null) : undefined
    const each = ledger === undefined ? [] : aggregatesOf(read, partition, ledger?.ends ?? {})
    const isWhole = each.length > 0 && each.length === read.states?.length
    return {
      partition,
      aggregates: Object.fromEntries(each),
      ...known({
        end,
        route: standing(ledger === undefined ? read.routed?.[partition] : (ledger?.next ?? 0)),
        aggregate: isWhole ? each.reduce((worst, [, own]) => (own.lag > worst.lag ? own : worst), each[0]![1]) : undefined,
        sink: standing(read.isThere('dataset-files', partition) ? live.xapi : undefined),
      }),
    }
  })
}

function aggregatesOf({ states = [] }: ReadPartitions, partition: number, ends: Offsets): (readonly [string, Standing])[] {
  return states.flatMap(({ name, positions }) => {
    const at = positions[partition]
    return at?.next ? [[name, { position: sum(Object.values(at.next)), lag: aggregateLag(at.next, ends) }] as const] : []
  })
}

/** `tables` = null: the ledgers could not be read. */
export function totalsOf(tables: Tables | null, partitions: Status['partitions'], decided: Decided): Status['totals'] {
  const routeLag = sumOf(partitions, p => p.route?.lag)
  const ledger = tables === null ? null : ledgerTotals(tables)
  const discarded = [...decided.values()].filter(state => state === 'discarded').length
  return {
    ...known({
      xapi: sumOf(partitions, p => p.end),
      statements: ledger === null || routeLag === undefined ? undefined : ledger.events + ledger.duplicates + ledger.deadLetters + routeLag,
      routeLag,
      aggregateLag: sumOf(partitions, p => p.aggregate?.lag),
      sinkLag: sumOf(partitions, p => p.sink?.lag),
    }),
    ...ledger,
    decided: { replayed: decided.size - discarded, discarded },
  }
}

function ledgerTotals(tables: Tables) {
  const ledgers = [...tables.ledgers.values()].filter(ledger => ledger.position !== null)
  const refused: Record<string, number> = {}
  for (const { deadLetters } of ledgers)
    for (const [code, n] of Object.entries(deadLetters)) refused[code] = (refused[code] ?? 0) + (n ?? 0)
  return {
    events: sum(ledgers.flatMap(ledger => Object.values(ledger.events))),
    duplicates: sum(ledgers.map(ledger => ledger.duplicates)),
    deadLetters: sum(Object.values(refused)),
    refused,
  }
}

export function backfillsOf({ runs }: Tables): Status['backfills'] {
  return [...runs]
    .sort(([, a], [, b]) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, 10)
    .map(([id, { state, counts, notTaken }]) => ({
      id,
      state,
      objects: counts.objects,
      lines: counts.lines,
      refused: sum(Object.values(counts.refused)),
      notTaken,
    }))
}

export function followStatus(id: string, { request, newest, through, waiting, at }: FollowRecord, now: number): FollowStatus {
  const asked = JSON.parse(request) as Pick<FollowStatus, 'bucket' | 'sections' | 'prefixes' | 'categories' | 'queue'>
  const ageSeconds = Math.max(0, (now - Date.parse(at)) / 1000)
  return { id, ...asked, newest: newest?.key ?? null, newestAt: newest?.uploaded ?? null, through, waiting, ageSeconds }
}
