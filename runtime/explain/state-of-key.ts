import { emptyTally, measuresOf } from '../../processors/fold/tally.js'
import { instantMicros } from '../../schemas/dataset-spec.js'
import { learnerKeyParts } from '../../schemas/learner-key.js'
import type { State } from '../../sinks/format.js'

/** What a key alone tells of its state: whose it is and, of a session, when it began. For tombstones, whose state nobody has any more. */
export function stateOfKey(key: string): State {
  const [, , , first = ''] = key.split('|', 4)
  const nothing = { activeDays: 0, sessions: 0, sourceSessions: [], sourceSessionCount: 0 }
  return { ...measuresOf(emptyTally(instantMicros(first) ?? 0)), ...learnerKeyParts(key), ...nothing }
}
