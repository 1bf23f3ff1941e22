import { topicName } from '../../schemas/topics.js'
import { readRange } from '../read-range.js'
import type { Services } from '../services.js'
import { type Letter, letterOf } from './letter.js'
import type { LetterEntry } from './letter-table.js'

/** Reads the newest record of each entry, in the order of the log: a letter at a time, whatever their number. */
export async function eachLetter(
  { log, naming, config }: Services,
  entries: readonly LetterEntry[],
  onLetter: (letter: Letter, entry: LetterEntry) => Promise<void>,
): Promise<void> {
  const topic = topicName('dead-letters', naming)
  const reader = log.reader()
  try {
    for (let partition = 0; partition < config.partitions; partition++) {
      const wanted = new Map(entries.filter(({ at }) => at.partition === partition).map(entry => [entry.at.offset, entry]))
      if (wanted.size === 0) continue
      const offsets = [...wanted.keys()]
      const from = offsets.reduce((a, b) => Math.min(a, b))
      const to = offsets.reduce((a, b) => Math.max(a, b)) + 1
      await readRange(reader, { topic, partition, from, to }, async records => {
        for (const record of records) {
          const entry = wanted.get(record.offset)
          if (entry !== undefined) await onLetter(letterOf(record, partition), entry)
        }
      })
    }
  } finally {
    await reader.close()
  }
}
