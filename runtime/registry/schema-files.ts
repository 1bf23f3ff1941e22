import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TopicDeclaration, type TopicId, topics } from '../../schemas/topics.js'
import { packageRoot } from '../package-root.js'

/** Topics whose values are Avro, with the text of their schema (`schemas/avro/*.avsc`). */
export function avroTopics(): readonly { id: TopicId; schema: string }[] {
  return (Object.values(topics) as TopicDeclaration[])
    .filter(topic => topic.avro !== undefined)
    .map(topic => ({ id: topic.id, schema: readFileSync(join(packageRoot(), 'schemas', 'avro', `${topic.avro}.avsc`), 'utf8') }))
}
