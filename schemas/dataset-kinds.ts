/**
 * Kinds of datasets, with what `sub_types` may name; one without any ignores the list, as the old job did. Those of events have a row per
 * event, files that are only added to. Snapshots have a row per key of a state topic, and files (buckets) that are written again when a
 * row in them changes.
 */
export const subTypes = {
  attempt_evaluated: ['part_attempt_evaluated', 'activity_attempt_evaluated', 'page_attempt_evaluated'],
  page_viewed: [],
  video: ['played', 'paused', 'seeked', 'completed'],
  learners: [],
  sessions: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type DatasetKind = keyof typeof subTypes
export const datasetKinds = Object.keys(subTypes) as readonly DatasetKind[]

const snapshotKinds = ['learners', 'sessions'] as const satisfies readonly DatasetKind[]
export type SnapshotKind = (typeof snapshotKinds)[number]

export const isSnapshotKind = (kind: DatasetKind): kind is SnapshotKind => snapshotKinds.some(each => each === kind)

/** A row that sums up many events has no page, no project and no time of its own; buckets have their size. */
export const fieldsOfEvents = ['page_ids', 'sub_types', 'enforce_project_id', 'from', 'to', 'chunk_size'] as const

/** Seconds. A snapshot writes whole buckets, so it gathers longer. */
export const usualFreshness = (kind: DatasetKind): number => (isSnapshotKind(kind) ? 60 : 10)
