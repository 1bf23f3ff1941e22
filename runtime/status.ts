/** `status`: what stands where. All read from Kafka and S3; no process is asked. */
export interface Status {
  readonly partitions: readonly PartitionStatus[]
  readonly totals: {
    readonly xapi: number
    readonly routeLag: number
    readonly sinkLag: number
    readonly events: number
    readonly duplicates: number
    readonly deadLetters: number
  }
  readonly datasets: readonly DatasetStatus[]
  /** Lags of the roles' groups and whether anybody is a member. */
  readonly backfills: readonly { readonly id: string; readonly state: string; readonly objects: number }[]
  readonly follows: readonly FollowStatus[]
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

export interface PartitionStatus {
  readonly partition: number
  /** End of `xapi`. */
  readonly end: number
  readonly route: { readonly position: number; readonly lag: number }
  /** `xapi` offset that the sinks have covered. */
  readonly sink: { readonly position: number; readonly lag: number }
}

export interface DatasetStatus {
  readonly id: string
  readonly kind: string
  readonly revision: number
  readonly state: 'current' | 'catching up' | 'not published'
  readonly version: number | null
  readonly rows: number
  readonly files: number
  readonly updatedAt: string | null
  readonly completeThrough: string | null
  /** Seconds since the manifest was last known to be complete; null while not known. */
  readonly ageSeconds: number | null
}
