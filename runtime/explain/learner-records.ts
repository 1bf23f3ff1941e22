import { parsedLearnerKey, scanLearnerKey } from '../../producers/learner-key-scan.js'
import { headers as names } from '../../schemas/headers.js'
import { headerText, type LogRecord } from '../log.js'
import { walkRange } from '../read-range.js'
import type { Explaining } from './explaining.js'

/** Statements of one learner in their partition of `xapi`, by key, or by what they say: anyone may write there without a key. */
export async function* learnerRecords(
  { services, reader }: Explaining,
  topic: string,
  partition: number,
  key: string,
): AsyncGenerator<LogRecord> {
  const wanted = Buffer.from(key)
  const { low, stable } = (await services.log.watermarks(topic, [partition])).get(partition)!
  for await (const { records } of walkRange(reader, { topic, partition, from: low, to: stable }))
    for (const record of records) {
      if (record.value === null || headerText(record, names.marker) !== undefined) continue
      const own = record.key?.equals(wanted) ?? false
      if (own || (scanLearnerKey(record.value) ?? parsedLearnerKey(record.value)) === key) yield record
    }
}
