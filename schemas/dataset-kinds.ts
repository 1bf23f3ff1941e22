/**
 * Kinds of datasets. Those of events have a row per event, files that are only added to. Snapshots have a row per key of a state topic,
 * and files (buckets) that are written again when a row in them changes.
 */
export const datasetKinds = ['attempt_evaluated', 'page_viewed', 'video', 'learners', 'sessions'] as const
export type DatasetKind = (typeof datasetKinds)[number]

const snapshotKinds = ['learners', 'sessions'] as const satisfies readonly DatasetKind[]
export type SnapshotKind = (typeof snapshotKinds)[number]

export const isSnapshotKind = (kind: DatasetKind): kind is SnapshotKind => snapshotKinds.some(each => each === kind)

/** What `sub_types` may name; a kind without any ignores the list, as the old job did. */
export const subTypes = {
  attempt_evaluated: ['part_attempt_evaluated', 'activity_attempt_evaluated', 'page_attempt_evaluated'],
  page_viewed: [],
  video: ['played', 'paused', 'seeked', 'completed'],
  learners: [],
  sessions: [],
} as const satisfies Record<DatasetKind, readonly string[]>

/** A row that sums up many events has no page, no project and no time of its own; buckets have their size. */
export const fieldsOfEvents = ['page_ids', 'sub_types', 'enforce_project_id', 'from', 'to', 'chunk_size'] as const

/** Seconds. A snapshot writes whole buckets, so it gathers longer. */
export const usualFreshness = (kind: DatasetKind): number => (isSnapshotKind(kind) ? 60 : 10)
