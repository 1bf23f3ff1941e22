import type { ObjectsNotTaken } from '../schemas/sources.js'
import type { GroupedRole } from '../schemas/topics.js'

/**
 * `status`: what stands where. All read from Kafka and S3; no process is asked. A field that is optional here and absent is not known now:
 * `unknown` says why.
 */
export interface Status {
  /** When it was read, ISO. */
  readonly at: string
  /** What was asked in vain. */
  readonly unknown: readonly { readonly server: 'kafka' | 'registry' | 's3'; readonly why: string }[]
  readonly roles: readonly RoleStatus[]
  readonly partitions: readonly PartitionStatus[]
  readonly totals: {
    /** Ends of `xapi`: statements, and with them markers, what was moved to its partition, holes. */
    readonly xapi?: number
    /** In `xapi`, each once, repeats too; what waits for route counts as if it held nothing else. */
    readonly statements?: number
    readonly routeLag?: number
    readonly aggregateLag?: number
    readonly sinkLag?: number
    readonly events?: number
    readonly duplicates?: number
    readonly deadLetters?: number
    /** The same by code: every refusal counts, also of a line that was read twice. */
    readonly refused?: Readonly<Record<string, number>>
    /** What somebody has decided about dead letters. */
    readonly decided: { readonly replayed: number; readonly discarded: number }
  }
  readonly datasets: readonly DatasetStatus[]
  readonly backfills: readonly {
    readonly id: string
    readonly state: string
    readonly objects: number
    readonly lines: number
    /** Lines that cannot enter `xapi`: over the limit, or cut off. */
    readonly refused: number
    /** Objects below its prefix that are of no source. */
    readonly notTaken: readonly ObjectsNotTaken[]
  }[]
  readonly follows: readonly FollowStatus[]
}

export interface RoleStatus {
  /** `follow` only where FOLLOW_BUCKET is set. */
  readonly role: GroupedRole | 'follow'
  /** Processes in its group. A killed one counts until its session ends. */
  readonly members?: number
  /** Partitions that one of them owns; none while they share them out anew. */
  readonly tasks?: number
  readonly of: number
  /** `xapi` records that it has not done, of aggregates events; null = it has no position of its own. */
  readonly lag?: number | null
  /** Since it committed or published last. An idle role has nothing to commit; null = it never has. */
  readonly committedSeconds?: number | null
}

/** How far a follow was when it wrote so last. */
export interface FollowStatus {
  readonly id: string
  /** What it was asked for. */
  readonly bucket: string
  readonly sections: readonly string[]
  readonly prefixes: readonly string[]
  readonly categories: readonly string[]
  readonly queue: string | null
  /** Key of the newest upload that was read. */
  readonly newest: string | null
  readonly newestAt: string | null
  /** Everything that was uploaded earlier is in the ledger; null with a queue. */
  readonly through: string | null
  /** Objects that were found and not read yet. */
  readonly waiting: number
  /** Seconds since it wrote so: at a change, at most every few seconds. */
  readonly ageSeconds: number
}

/** A position, and what is not done behind it. */
export interface Standing {
  readonly position: number
  readonly lag: number
}

export interface PartitionStatus {
  readonly partition: number
  /** End of `xapi`. */
  readonly end?: number
  readonly route?: Standing
  /** Of events (holes counted): how many are in the states of an aggregate, and how many that route has made are not. */
  readonly aggregates: Readonly<Record<string, Standing>>
  /** The same of the aggregate that is furthest behind. */
  readonly aggregate?: Standing
  /** `xapi` offset that the sinks have covered. */
  readonly sink?: Standing
}

export interface DatasetStatus {
  readonly id: string
  readonly kind: string
  readonly revision: number
  readonly state?: 'current' | 'catching up' | 'stopped' | 'not published'
  /** Why its newest revision cannot catch up any more. */
  readonly stopped?: readonly string[]
  readonly version?: number | null
  readonly rows?: number
  readonly files?: number
  readonly updatedAt?: string | null
  readonly completeThrough?: string | null
  /** Seconds since the manifest was last known to be complete; null while not known. */
  readonly ageSeconds?: number | null
}
