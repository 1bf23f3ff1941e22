import { headers } from '../schemas/headers.js'
import type { LogRecord } from './log.js'

const prefix = Buffer.from('marker|')

/** Whether a record of `events.*` is a marker. The key is looked at first: reading the headers of every event takes as long as its row. */
export function isMarker(record: Pick<LogRecord, 'key' | 'headers'>): boolean {
  const { key } = record
  if (key === null || key.length < prefix.length || prefix.compare(key, 0, prefix.length) !== 0) return false
  return record.headers.some(header => header[0] === headers.marker)
}
