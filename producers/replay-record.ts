import { headers } from '../schemas/headers.js'
import { partitionOf } from '../schemas/partition.js'
import { parsedLearnerKey, scanLearnerKey } from './learner-key-scan.js'
import type { PlacedRecord } from './line-record.js'

export interface RefusedStatement {
  /** Dead-letter id. */
  readonly id: string
  readonly bytes: Buffer
  readonly source: string | null
  readonly received: string | null
  readonly assignedId: string | null
}

/** The statement once more, byte for byte, as it came: with its source, so that its rows lead to its line, and with the letter's id. */
export function replayRecord({ id, bytes, source, received, assignedId }: RefusedStatement, partitions: number): PlacedRecord {
  const text = scanLearnerKey(bytes) ?? parsedLearnerKey(bytes)
  const key = text === null ? null : Buffer.from(text)
  const kept = [
    [headers.source, source],
    [headers.received, received],
    [headers.assignedId, assignedId],
    [headers.replay, id],
  ] as const
  return {
    partition: partitionOf(key ?? bytes, partitions),
    key,
    value: bytes,
    headers: kept.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  }
}
