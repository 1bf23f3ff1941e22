import { headerText } from '../runtime/log.js'
import { readPartition } from '../runtime/read-partition.js'
import type { Services } from '../runtime/services.js'
import { headers } from '../schemas/headers.js'
import { topicName } from '../schemas/topics.js'

export interface DeadLetter {
  readonly code: string
  readonly reason: string
  /** `s3://bucket/key#line` */
  readonly source: string
  /** The first of the bytes, as they came. */
  readonly begins: string
}

const shown = 80

export async function readDeadLetters({ log, naming, config }: Services): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = []
  for (let partition = 0; partition < config.partitions; partition++)
    await readPartition(log, topicName('dead-letters', naming), partition, record => {
      const text = (name: string) => headerText(record, name) ?? ''
      const begins = record.value?.toString('utf8').slice(0, shown) ?? ''
      found.push({ code: text(headers.code), reason: text(headers.reason), source: text(headers.source), begins })
    })
  return found.sort((a, b) => (a.source < b.source ? -1 : 1))
}
