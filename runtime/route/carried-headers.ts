import { headers as names } from '../../schemas/headers.js'
import { headerText, type LogRecord, type RecordHeader } from '../log.js'

/** Anybody may write headers to `xapi`, as many and as long as a record can hold: what is carried on must not decide the size of what is made. */
const longestHeader = 4096
const mostHeaderBytes = 64 * 1024

/** Where a record came from and when, for what is made of it. */
export function provenance(record: LogRecord): (readonly [string, string])[] {
  return shortened(record, [names.source, names.received])
}

/** The same for its dead letter. What a replay has to give back goes along: an id that ingest gave is part of the identity. */
export function replayable(record: LogRecord): (readonly [string, string])[] {
  return shortened(record, [names.source, names.received, names.assignedId])
}

/** Of a record that is moved: all as they are, or, where they are beyond measure, those that mean something here. */
export function movedHeaders(record: LogRecord): readonly (readonly [string, string | Buffer])[] {
  const bytes = record.headers.reduce((sum, [name, value]: RecordHeader) => sum + 2 + name.length + value.length, 0)
  return bytes <= mostHeaderBytes ? record.headers : shortened(record, [names.source, names.received, names.assignedId, names.replay])
}

function shortened(record: LogRecord, wanted: readonly string[]): (readonly [string, string])[] {
  return wanted.flatMap(name => {
    const text = headerText(record, name)
    return text === undefined ? [] : [[name, text.slice(0, longestHeader)] as const]
  })
}
