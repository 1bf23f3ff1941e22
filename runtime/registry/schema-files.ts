import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ControlSchema, controlSchemas } from '../../schemas/state-records.js'
import { type Naming, type TopicDeclaration, type TopicId, topicName, topics } from '../../schemas/topics.js'
import { packageRoot } from '../package-root.js'

/** What records are written by: the topic, or the kind of control record that may lie in several. */
export type SchemaId = TopicId | ControlSchema

export interface NamedSchema {
  readonly id: SchemaId
  /** Text of `schemas/avro/*.avsc`. */
  readonly schema: string
}

const textOf = (file: string) => readFileSync(join(packageRoot(), 'schemas', 'avro', `${file}.avsc`), 'utf8')

/** Topics whose values are Avro. */
export function avroTopics(): readonly (NamedSchema & { readonly id: TopicId })[] {
  return (Object.values(topics) as TopicDeclaration[]).flatMap(({ id, avro }) => (avro === undefined ? [] : [{ id, schema: textOf(avro) }]))
}

/** These, and the control records in them. */
export function avroSchemas(): readonly NamedSchema[] {
  return [...avroTopics(), ...(Object.keys(controlSchemas) as ControlSchema[]).map(id => ({ id, schema: textOf(id) }))]
}

/** A topic's subject is the one that every tool looks for; a control record's is named by the record. */
export function subjectOf(id: SchemaId, naming: Naming): string {
  return id in controlSchemas ? `${naming.prefix}${controlSchemas[id as ControlSchema]}` : `${topicName(id as TopicId, naming)}-value`
}
