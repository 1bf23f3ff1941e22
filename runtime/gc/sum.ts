/** How many objects, and their size. */
export interface Amount {
  objects: number
  bytes: number
}

/** What was found of one dataset, and what becomes of it. */
export interface DatasetSum {
  readonly id: string
  /** Its spec was deleted. */
  readonly deleted: boolean
  /** Numbered manifests that stay readable, those that are cleared now, and how many of those that stay are pinned. */
  readonly manifests: { kept: number; cleared: number; pinned: number }
  /** By reason. */
  readonly removed: Record<string, Amount>
  readonly stays: Record<string, Amount>
  /** Keys below the dataset's prefix that are none of ours: left alone. */
  readonly unknown: string[]
  unknownCount: number
  /** Uploads in parts that were never completed. */
  uploads: number
  /** Why nothing of this dataset was touched; null = all went well. */
  problem: string | null
}

export interface GcSum {
  readonly dryRun: boolean
  readonly datasets: readonly DatasetSum[]
  readonly cleared: number
  readonly removed: Amount
  readonly uploads: number
}

export function emptySum(id: string, deleted: boolean): DatasetSum {
  return {
    id,
    deleted,
    manifests: { kept: 0, cleared: 0, pinned: 0 },
    removed: {},
    stays: {},
    unknown: [],
    unknownCount: 0,
    uploads: 0,
    problem: null,
  }
}

export function addTo(sums: Record<string, Amount>, why: string, bytes: number): void {
  const sum = sums[why] ?? { objects: 0, bytes: 0 }
  sums[why] = sum
  sum.objects++
  sum.bytes += bytes
}

export function totalOf(dryRun: boolean, datasets: readonly DatasetSum[]): GcSum {
  const removed = { objects: 0, bytes: 0 }
  for (const amount of datasets.flatMap(dataset => Object.values(dataset.removed))) {
    removed.objects += amount.objects
    removed.bytes += amount.bytes
  }
  const sum = (of: (dataset: DatasetSum) => number) => datasets.reduce((all, dataset) => all + of(dataset), 0)
  return { dryRun, datasets, cleared: sum(d => d.manifests.cleared), removed, uploads: sum(d => d.uploads) }
}
