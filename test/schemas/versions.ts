import { avroTopics } from '../../runtime/registry/schema-files.js'
import type { Event } from '../../schemas/event.js'
import { type EventTopicId, eventTopicIds, topicOfKind } from '../../schemas/topics.js'
import { accepted, shapes, statements } from '../processors/route/statements.js'

interface AvroField {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}

interface AvroRecord {
  readonly fields: readonly AvroField[]
}

/** A schema with other fields. */
export const withFields = (schema: string, change: (fields: readonly AvroField[]) => readonly AvroField[]): string => {
  const record = JSON.parse(schema) as AvroRecord
  return JSON.stringify({ ...record, fields: change(record.fields) })
}

/** What a later release may do: fields with defaults, in front and behind, and one that is gone. */
export const newer = (schema: string): string =>
  withFields(schema, fields => [
    { name: 'addedBefore', type: 'string', default: 'none' },
    ...fields.filter(({ name }) => name !== gone),
    { name: 'added', type: ['null', 'string'], default: null },
    { name: 'weight', type: 'double', default: 1.5 },
  ])

/** What an earlier release wrote: without a field that came later. */
export const older = (schema: string): string => withFields(schema, fields => fields.filter(({ name }) => name !== gone))

/** In every schema of events but `other`. */
export const gone = 'enrollment'

/** What the registry must refuse: who reads with it could not read what is there. */
export const incompatible: Readonly<Record<string, (schema: string) => string>> = {
  'a new field without a default': schema => withFields(schema, fields => [...fields, { name: 'needed', type: 'string' }]),
  'another type': schema =>
    withFields(schema, fields => fields.map(field => (field.name === 'learner' ? { ...field, type: 'long' } : field))),
  'no null any more': schema =>
    withFields(schema, fields => fields.map(({ name, type }) => (Array.isArray(type) ? { name, type: type[1] } : { name, type }))),
}

/** The schemas of events, as they are now. */
export const eventSchemas: readonly (readonly [topic: EventTopicId, schema: string])[] = avroTopics().flatMap(({ id, schema }) =>
  eventTopicIds.filter(topic => topic === id).map(topic => [topic, schema] as const),
)

/** Golden events of a topic. */
export function eventsOf(topic: EventTopicId): readonly Event[] {
  const all = Object.values({ ...statements, ...shapes }).flatMap(text => {
    const { event, derived } = accepted(text)
    return [event, ...derived]
  })
  return all.filter(({ kind }) => topicOfKind[kind] === topic)
}

/** Without the prototypes of who read it. */
export const plain = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value))
