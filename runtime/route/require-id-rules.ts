import { TributaryError } from '../../schemas/errors.js'
import { idRules } from '../../schemas/route-seen.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import type { Log } from '../log.js'
import { lastOfSeen } from './route-positions.js'

/**
 * Before route writes anything: the ids that were seen must be made by the rules of this release. By others, each statement that comes
 * again would be an event again, in a ledger that adds up.
 */
export async function requireIdRules(log: Log, naming: Naming, partitions: number): Promise<void> {
  const reader = log.reader()
  try {
    const found = await lastOfSeen(log, reader, naming, partitions, seen => seen.idRules)
    for (const [partition, rules] of found.entries()) if (rules !== undefined) requireSameRules(rules, naming, partition)
  } finally {
    await reader.close()
  }
}

/** @throws {TributaryError} ID_RULES_DIFFER */
export function requireSameRules(rules: number, naming: Naming, partition: number): void {
  if (rules === idRules) return
  const place = `${topicName('route-seen', naming)}/${partition}`
  throw new TributaryError('ID_RULES_DIFFER', `${place} has event ids by rules ${rules}, and this release makes them by rules ${idRules}`)
}
