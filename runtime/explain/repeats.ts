import { interpret } from '../../processors/route/interpret.js'
import { headers as names } from '../../schemas/headers.js'
import { learnerKey } from '../../schemas/learner-key.js'
import { topicName } from '../../schemas/topics.js'
import type { Place } from '../dead-letters/letter.js'
import { headerText } from '../log.js'
import type { EventAt } from './event-at.js'
import type { Explaining } from './explaining.js'
import { learnerRecords } from './learner-records.js'

/** A record of `xapi` that tells an event once more. */
export interface Repeat extends Place {
  readonly source: string | null
}

/** Reads the whole partition of `xapi`: repeats may come at any time. */
export async function findRepeats(e: Explaining, { event, partition, src, id }: EventAt): Promise<readonly Repeat[]> {
  const repeats: Repeat[] = []
  const key = learnerKey(event.section, event.host, event.learner)
  for await (const record of learnerRecords(e, topicName('xapi', e.services.naming), partition, key)) {
    if (record.offset === src?.offset) continue
    const assignedId = headerText(record, names.assignedId)
    const told = interpret(record.value, assignedId === undefined ? {} : { assignedId })
    if (told.ok && told.event.id === id)
      repeats.push({ partition, offset: record.offset, source: headerText(record, names.source) ?? null })
  }
  return repeats
}
