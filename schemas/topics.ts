import type { Kind } from './event.js'

/**
 * Every topic, declared once: creation, checks, docs and the compose file read this.
 * Names carry an optional prefix, and derived topics the generation (`events.attempt.g2`).
 */
export interface TopicDeclaration {
  readonly id: TopicId
  readonly key: string
  readonly value: string
  readonly cleanup: 'delete' | 'compact'
  /** An operator may let old records go; of any other topic that is not compacted each record is needed for ever. */
  readonly mayExpire?: true
  /** Derived from `xapi` by this generation of processors. */
  readonly derived: boolean
  readonly writtenBy: string
  /** File in `schemas/avro/`, without ending; absent = not Avro. */
  readonly avro?: string
  /** Values are neither Avro nor text: people are shown them in hex. */
  readonly bytes?: true
}

/**
 * A segment of a compacted topic is closed after this time or size: only closed ones are compacted, and who starts reads the rest record by
 * record. With Kafka's defaults (a week, 1 GB) that would be a week of records of which nearly all are outdated.
 */
export const compactedSegments = { ms: 3_600_000, bytes: 16 << 20 } as const

export const eventTopicIds = ['events.attempt', 'events.page-viewed', 'events.video', 'events.tutor-message', 'events.other'] as const
export type EventTopicId = (typeof eventTopicIds)[number]

/** What aggregates write. A further aggregate is one line more: its topic, the key, the schema. */
const states = {
  'state.learners': { key: 'learner key', avro: 'learner-state' },
  'state.sessions': { key: 'learner key|first instant', avro: 'session-state' },
} as const
export type StateTopicId = keyof typeof states
export const stateTopicIds = Object.keys(states) as readonly StateTopicId[]

/** What rows of datasets are made of. */
export type DatasetTopicId = EventTopicId | StateTopicId
export const datasetTopicIds: readonly DatasetTopicId[] = [...eventTopicIds, ...stateTopicIds]

export type TopicId =
  | 'xapi'
  | EventTopicId
  | 'route-ledger'
  | 'route-seen'
  | 'dead-letters'
  | 'dead-letter-decisions'
  | StateTopicId
  | 'aggregate-changelog'
  | 'datasets'
  | 'dataset-files'
  | 'sources'

const events = (id: EventTopicId, avro: string): TopicDeclaration => ({
  id,
  key: 'learner key',
  value: 'event',
  cleanup: 'delete',
  derived: true,
  writtenBy: 'route',
  avro,
})

const state = (id: StateTopicId): TopicDeclaration => ({
  id,
  key: `${states[id].key}; position|<aggregate>; marker|<run>`,
  value: 'state',
  cleanup: 'compact',
  derived: true,
  writtenBy: 'aggregate',
  avro: states[id].avro,
})
const stateTopics = Object.fromEntries((Object.keys(states) as StateTopicId[]).map(id => [id, state(id)])) as Record<
  StateTopicId,
  TopicDeclaration
>

export const topics: Readonly<Record<TopicId, TopicDeclaration>> = {
  xapi: {
    id: 'xapi',
    key: 'learner key',
    value: 'statement bytes, untouched',
    cleanup: 'delete',
    mayExpire: true,
    derived: false,
    writtenBy: 'backfill, follow, anyone',
  },
  'events.attempt': events('events.attempt', 'attempt'),
  'events.page-viewed': events('events.page-viewed', 'page-viewed'),
  'events.video': events('events.video', 'video'),
  'events.tutor-message': events('events.tutor-message', 'tutor-message'),
  'events.other': events('events.other', 'other'),
  'route-ledger': {
    id: 'route-ledger',
    key: 'partition, and |host|section or |',
    value: 'what became of every xapi record',
    cleanup: 'compact',
    derived: true,
    writtenBy: 'route',
    avro: 'route-ledger',
  },
  'route-seen': {
    id: 'route-seen',
    key: '-',
    value: 'position and event ids of one transaction',
    cleanup: 'delete',
    derived: true,
    writtenBy: 'route',
    bytes: true,
  },
  'dead-letters': {
    id: 'dead-letters',
    key: 'dead-letter id',
    value: 'original bytes',
    cleanup: 'delete',
    derived: true,
    writtenBy: 'route, backfill, follow',
  },
  'dead-letter-decisions': {
    id: 'dead-letter-decisions',
    key: 'dead-letter id',
    value: 'JSON: replayed or discarded, by whom',
    cleanup: 'compact',
    derived: false,
    writtenBy: 'dead-letters command',
  },
  ...stateTopics,
  'aggregate-changelog': {
    id: 'aggregate-changelog',
    key: 'key of the local store',
    value: 'what aggregates remember: version, JSON; and where they stand',
    cleanup: 'compact',
    derived: true,
    writtenBy: 'aggregate',
  },
  datasets: { id: 'datasets', key: 'dataset id', value: 'JSON spec', cleanup: 'compact', derived: false, writtenBy: 'dataset command' },
  'dataset-files': {
    id: 'dataset-files',
    key: 'F|dataset|revision|partition|sequence or P|…|partition',
    value: 'JSON file or progress record',
    cleanup: 'compact',
    derived: true,
    writtenBy: 'sink',
  },
  sources: {
    id: 'sources',
    key: 'bucket/key, run/<id> or follow/<id>',
    value: 'JSON',
    cleanup: 'compact',
    derived: false,
    writtenBy: 'backfill, follow',
  },
}

/** Which `events.*` topic a kind goes to. */
export const topicOfKind: Readonly<Record<Kind, EventTopicId>> = {
  part_attempt: 'events.attempt',
  activity_attempt: 'events.attempt',
  page_attempt: 'events.attempt',
  page_viewed: 'events.page-viewed',
  video_played: 'events.video',
  video_paused: 'events.video',
  video_seeked: 'events.video',
  video_completed: 'events.video',
  tutor_message: 'events.tutor-message',
  experiment_condition_assigned: 'events.other',
  experiment_attribution: 'events.other',
  other: 'events.other',
}

export interface Naming {
  readonly prefix: string
  readonly generation: number
}

export function topicName(id: TopicId, naming: Naming): string {
  return `${naming.prefix}${id}${topics[id].derived ? `.g${naming.generation}` : ''}`
}

/** One partition of several topics. */
export function placesOf(
  ids: readonly TopicId[],
  partition: number,
  naming: Naming,
): { readonly topic: string; readonly partition: number }[] {
  return ids.map(id => ({ topic: topicName(id, naming), partition }))
}

/** The transactional id of a task: claiming it fences the former owner. */
export function transactionalId(role: 'route' | 'aggregate' | 'sink', partition: number, naming: Naming): string {
  return `${naming.prefix}tributary-${role}-g${naming.generation}-${partition}`
}

/** Of the `dead-letters` command: claiming it stops another one that is at work. */
export function decisionsTransactionalId(naming: Naming): string {
  return `${naming.prefix}tributary-dead-letters`
}

/** Roles whose processes share their work as a consumer group. */
export const groupedRoles = ['route', 'aggregate', 'sink', 'publish'] as const
export type GroupedRole = (typeof groupedRoles)[number]

export function groupName(role: GroupedRole, naming: Naming): string {
  return `${naming.prefix}tributary-${role}-g${naming.generation}`
}

/** Whoever owns the partition of its record in `sources` does this follow; the others stand by. */
export function followGroup(id: string, { prefix }: Naming): string {
  return `${prefix}tributary-follow-${id}`
}
