import { headers as names } from '../../schemas/headers.js'
import { topicName } from '../../schemas/topics.js'
import type { Place } from '../dead-letters/letter.js'
import { headerText } from '../log.js'
import { readRecord } from '../read-record.js'
import type { Explaining } from './explaining.js'

/** A record of `xapi` as it was received. */
export interface StatementAt extends Place {
  /** Null = it is not in `xapi` (any more). */
  readonly bytes: Buffer | null
  readonly appended: string | null
  readonly source: string | null
  readonly received: string | null
  /** Id of the dead letter that it replays. */
  readonly replays: string | null
}

export async function statementAt({ services, reader }: Explaining, { partition, offset }: Place): Promise<StatementAt> {
  const record = await readRecord(reader, topicName('xapi', services.naming), partition, offset)
  const text = (name: string) => (record === null ? null : (headerText(record, name) ?? null))
  return {
    partition,
    offset,
    bytes: record?.value ? Buffer.from(record.value) : null,
    appended: record === null ? null : new Date(record.timestamp).toISOString(),
    source: text(names.source),
    received: text(names.received),
    replays: text(names.replay),
  }
}

export function statementDocument({ bytes, ...statement }: StatementAt): object {
  return { ...statement, text: bytes?.toString('utf8') ?? null }
}
