import { decodeDecision, type LetterDecision } from '../../schemas/letter-decision.js'
import { topicName } from '../../schemas/topics.js'
import type { LogRecord } from '../log.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'
import { type Letter, letterOf } from './letter.js'

/** Every letter as of now, partition by partition in their order. */
export async function readLetters(
  services: Services,
  onLetter: (letter: Letter, record: LogRecord) => Promise<void> | void,
): Promise<void> {
  const topic = topicName('dead-letters', services.naming)
  for (let partition = 0; partition < services.config.partitions; partition++)
    await readPartition(services.log, topic, partition, record => onLetter(letterOf(record, partition), record))
}

/** What is decided about each letter, by id. About 400 bytes for each. */
export async function readDecisions(services: Services): Promise<ReadonlyMap<string, LetterDecision>> {
  const topic = topicName('dead-letter-decisions', services.naming)
  const decisions = new Map<string, LetterDecision>()
  for (let partition = 0; partition < services.config.partitions; partition++)
    await readPartition(services.log, topic, partition, ({ key, value }) => {
      if (key === null) return
      if (value === null) decisions.delete(key.toString())
      else decisions.set(key.toString(), decodeDecision(value))
    })
  return decisions
}
