import { type TopicId, topicName } from '../../schemas/topics.js'
import { openRows } from './cohort.js'
import type { SinkState } from './sink-state.js'
import { isFiled } from './snapshot/table.js'

/**
 * How much of all that a sink reads is in files, as far as is known without asking anybody: noted on every turn, sent now and then. Those
 * that catch up have no place of their own among the offsets of a group.
 */
export function noteHints({ deps, partition, live, records, ledgerNext, tables }: SinkState): void {
  const note = (topic: TopicId, next: number) => deps.hints.note(topicName(topic, deps.naming), partition, next)
  // Without open rows all that was read is in files, what holds no row of any dataset too; with some, what was committed last.
  const isAllFiled = openRows(live) === 0
  for (const [topic, next] of live.next) note(topic, Math.max(records.live.next[topic] ?? 0, isAllFiled ? next : 0))
  for (const table of tables.values()) note(table.topic, isFiled(table) ? table.next : table.published.next)
  note('route-ledger', ledgerNext)
  note('datasets', deps.specsNext(partition))
}
