import { TributaryError } from '../../schemas/errors.js'
import type { LetterDecision } from '../../schemas/letter-decision.js'
import { topicName } from '../../schemas/topics.js'
import { readRecord } from '../read-record.js'
import type { Services } from '../services.js'
import { type Damage, damageOf } from './damage.js'
import { cannotReplay, type Letter, letterOf } from './letter.js'
import { everyLetter, type LetterEntry, letterTable } from './letter-table.js'

export interface ShownLetter {
  readonly letter: Letter
  readonly entry: LetterEntry
  readonly decision: LetterDecision | null
  readonly damage: Damage | null
  /** Why it cannot be replayed, and what to do instead; null = it can. */
  readonly cannotReplay: string | null
}

/** One letter by its id, or by a beginning of it that no other has. */
export async function showLetter(services: Services, id: string): Promise<ShownLetter> {
  const { entries, decisions } = await letterTable(services, { ...everyLetter, ids: [id] })
  const entry = entries[0]!
  const reader = services.log.reader()
  try {
    const topic = topicName('dead-letters', services.naming)
    const record = await readRecord(reader, topic, entry.at.partition, entry.at.offset)
    if (record === null) throw new TributaryError('INCOMPLETE', `reading ${topic}/${entry.at.partition}/${entry.at.offset}: it is gone`)
    const view = letterOf(record, entry.at.partition)
    const letter = { ...view, bytes: view.bytes === null ? null : Buffer.from(view.bytes) }
    return {
      letter,
      entry,
      decision: decisions.get(entry.id) ?? null,
      damage: letter.bytes === null ? null : damageOf(letter.code, letter.reason, letter.bytes),
      cannotReplay: cannotReplay(letter),
    }
  } finally {
    await reader.close()
  }
}
