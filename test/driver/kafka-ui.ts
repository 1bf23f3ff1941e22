import avro from 'avsc'
import type { LogRecord } from '../../runtime/log.js'
import type { TopicDeclaration } from '../../schemas/topics.js'

/** How Kafka UI showed a record's value; `avro` only with the schema that the record itself names. */
export type Shown = 'avro' | 'text' | 'hex'

/** What a person would see of a record, or a reason why it is no good. */
export interface Look {
  readonly value: Shown
  readonly problems: readonly string[]
}

/** Null = not UTF-8, or with characters that no screen shows. */
function printable(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /[^\P{Cc}\t\n\r]/u.test(text) ? null : text
  } catch {
    return null
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Looks at records as Kafka UI 1.5 does with the settings of docker-compose.yml, knowing nothing but the registry's URL:
 *
 * 1. A topic is Avro when the registry knows a subject `<topic>-value` (`SCHEMAREGISTRYCHECKSCHEMAEXISTENCEFORDESERIALIZE`).
 * 2. Byte 0, four bytes of schema id; the schema is asked for by its id, then the subjects that have it.
 * 3. Whatever does not go that way falls back to text, with a red mark beside it in a topic that is Avro. Keys and headers are text.
 */
export function kafkaUi(registry: string) {
  const asked = new Map<string, Promise<unknown>>()
  const ask = (path: string): Promise<unknown> => {
    const answer = asked.get(path) ?? answerOf(`${registry}${path}`)
    asked.set(path, answer)
    return answer
  }

  async function decoded(topic: string, value: Buffer): Promise<string | null> {
    const id = value.readUInt32BE(1)
    const found = (await ask(`/schemas/ids/${id}?fetchMaxId=false&subject=${topic}-value`)) as { schema: string } | null
    if (found === null) return `schema ${id} is not there`
    // It shows the subjects beside the record, whatever they are; not to find any is an error.
    const versions = (await ask(`/schemas/ids/${id}/versions`)) as { subject: string }[] | null
    if (!versions?.length) return `schema ${id} is of no subject`
    const { value: read, offset } = avro.Type.forSchema(JSON.parse(found.schema)).decode(value, 5)
    if (read === undefined || offset !== value.length) return `schema ${id} reads ${offset} of ${value.length} bytes`
    return null
  }

  return {
    async look(topic: TopicDeclaration, name: string, { key, value, headers }: LogRecord & { readonly value: Buffer }): Promise<Look> {
      const problems: string[] = []
      if (key !== null && !topic.bytes && printable(key) === null) problems.push(`its key is not text: ${key.toString('hex')}`)
      for (const [header, bytes] of headers)
        if (printable(bytes) === null) problems.push(`its header ${header} is not text: ${bytes.toString('hex')}`)
      if (topic.bytes) return { value: 'hex', problems }
      const hasSubject = (await ask(`/subjects/${name}-value/versions/latest`)) !== null
      if (hasSubject !== (topic.avro !== undefined)) problems.push(`the registry ${hasSubject ? 'has a' : 'lacks its'} subject`)
      if (hasSubject && value[0] !== 0) problems.push('no Avro: a red mark')
      if (hasSubject && value[0] === 0) {
        const wrong = await decoded(name, value)
        return { value: 'avro', problems: wrong === null ? problems : [...problems, wrong] }
      }
      const text = printable(value)
      if (text === null) problems.push(`its value is not text: ${value.toString('hex', 0, 40)}`)
      else if (/^JSON/.test(topic.value) && !isJson(text)) problems.push(`its value is not JSON: ${text.slice(0, 80)}`)
      return { value: 'text', problems }
    },
  }
}

async function answerOf(url: string): Promise<unknown> {
  const answer = await fetch(url)
  if (answer.status === 404) return null
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`)
  return answer.json()
}
