import { topicName } from '../../schemas/topics.js'
import { readRecord } from '../read-record.js'
import type { Services } from '../services.js'
import { letterOf } from './letter.js'
import type { LetterState } from './letter-states.js'
import { type LetterChoice, type LetterEntry, letterTable } from './letter-table.js'

export interface ListedLetter extends LetterEntry {
  readonly source: string | null
  readonly reason: string
}

export interface LetterList {
  /** By code, then by state: all that are chosen. */
  readonly counts: Readonly<Record<string, Readonly<Partial<Record<LetterState, number>>>>>
  readonly total: number
  /** The newest of them. */
  readonly letters: readonly ListedLetter[]
}

export async function listLetters(services: Services, choice: LetterChoice, most: number): Promise<LetterList> {
  const { entries } = await letterTable(services, choice)
  const counts: Record<string, Partial<Record<LetterState, number>>> = {}
  for (const { code, state } of entries) {
    const byState = counts[code] ?? {}
    counts[code] = { ...byState, [state]: (byState[state] ?? 0) + 1 }
  }
  const topic = topicName('dead-letters', services.naming)
  const reader = services.log.reader()
  try {
    const letters: ListedLetter[] = []
    for (const entry of entries.slice(0, most)) {
      const record = await readRecord(reader, topic, entry.at.partition, entry.at.offset)
      // Retention may have taken it since it was counted.
      if (record === null) continue
      const { source, reason } = letterOf(record, entry.at.partition)
      letters.push({ ...entry, source, reason })
    }
    return { counts, total: entries.length, letters }
  } finally {
    await reader.close()
  }
}
