import { createHash } from 'node:crypto'
import { deadLetterId, deadLetterIdOf } from '../../schemas/dead-letter-id.js'
import { headers as names } from '../../schemas/headers.js'
import type { Refusal } from '../../schemas/refusal.js'
import { headerText, type LogRecord, type OutRecord } from '../log.js'
import { replayable } from './carried-headers.js'

const headBytes = 64 * 1024

/** A record of `topic` that route refuses, with its bytes; of one above `limit` the beginning, its length and its SHA-256. */
export function deadLetter(record: LogRecord, refusal: Refusal, topic: string, partition: number, limit: number): OutRecord {
  const replayed = deadLetterIdOf(headerText(record, names.replay))
  const id = replayed ?? deadLetterId(lineOf(headerText(record, names.source)) ?? { topic, partition, offset: record.offset })
  const { value } = record
  const cut = value !== null && value.length > limit
  const headers: (readonly [string, string])[] = [
    [names.id, id],
    [names.code, refusal.code],
    [names.reason, refusal.reason],
    [names.topic, topic],
    [names.partition, String(partition)],
    [names.offset, String(record.offset)],
    ...(cut
      ? ([
          [names.length, String(value.length)],
          [names.sha256, createHash('sha256').update(value).digest('hex')],
        ] as const)
      : []),
    ...replayable(record),
  ]
  // A copy: values are views into the fetched batch, which is gone after the next fetch.
  return { key: Buffer.from(id), value: value === null ? null : Buffer.from(value.subarray(0, cut ? headBytes : value.length)), headers }
}

/** The line of an object that a record was read from: read again, it has another offset, and must be the same dead letter. */
function lineOf(source: string | undefined): { readonly object: string; readonly line: number } | null {
  const found = /^(s3:\/\/.+)#(\d+)$/s.exec(source ?? '')
  return found === null ? null : { object: found[1]!, line: Number(found[2]) }
}
