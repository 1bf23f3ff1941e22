import { positionKey } from '../../schemas/state-records.js'
import { type StateTopicId, topicName } from '../../schemas/topics.js'
import type { OutRecord } from '../log.js'
import type { Codec } from '../registry/codec.js'
import { proveRestored } from '../restored-ends.js'
import type { Entry } from '../state/state-store.js'
import type { AggregateState } from './aggregate-state.js'
import { type Cohort, offsetsOf } from './cohort.js'
import { type Member, type Offsets, type Standing, standingOf } from './member.js'

/** Where changelog and store have an aggregate's standing. Its memory is under `<aggregate>|…`, and no aggregate is named `position`. */
export const standingKey = (aggregate: string) => Buffer.from(positionKey(aggregate))

/**
 * Steps 3 to 6 of `runAggregates`: 3 in one transaction send what the state topics hold now and, last in each, the position; and the
 * changelog with the same 4 commit 5 merge the changelog's records into the local store 6 group offsets, as a hint for lag tools.
 */
export async function commitCohort(state: AggregateState, cohort: Cohort): Promise<void> {
  const { deps, partition, store, context } = state
  const { tx } = context
  const next = offsetsOf(cohort.next)
  const outputs = cohort.members.flatMap(member =>
    member.aggregate.to.map(topic => ({
      topic: topicName(topic, deps.naming),
      partition,
      records: stateRecords(member, topic, next, deps.codec),
    })),
  )
  const changes = cohort.members.flatMap(member => [...member.memory.changes(), standingOut(member, next)])
  const appended = await tx.send([...outputs, { topic: topicName('aggregate-changelog', deps.naming), partition, records: changes }])
  proveRestored(state.ends, appended)
  await deps.fault('aggregate.afterOutputs')
  const owner = { producerId: tx.producerId, epoch: tx.epoch }
  await tx.commit()
  await deps.fault('aggregate.afterCommit')
  state.changelog = appended.at(-1)!.last + 1
  store.merge(changeOf(changes), { position: null, changelog: state.changelog, owner })
  for (const member of cohort.members) {
    member.memory.forget()
    for (const keys of member.changed.values()) keys.clear()
    member.passed.length = 0
  }
  await deps.fault('aggregate.afterMerge')
  cohort.committed = new Map(cohort.next)
  cohort.records = 0
  cohort.inputBytes = 0
  if (cohort === state.live) noteHints(state)
}

/** What live reading has committed; those that catch up behind it have no place of their own among the offsets of a group. */
export function noteHints({ deps, partition, live }: AggregateState): void {
  for (const [topic, next] of live.committed) deps.hints.note(topicName(topic, deps.naming), partition, next)
}

/** Of records with a key each of their own. */
export function changeOf(records: Iterable<OutRecord>): { puts: Entry[]; deletes: Buffer[] } {
  const puts: Entry[] = []
  const deletes: Buffer[] = []
  for (const { key, value } of records) {
    if (value === null) deletes.push(key!)
    else puts.push([key!, value])
  }
  return { puts, deletes }
}

/** The position comes last: whoever has read it has all that it speaks of. */
function stateRecords({ aggregate, memory, changed, passed }: Member, topic: StateTopicId, next: Offsets, codec: Codec): OutRecord[] {
  const records: OutRecord[] = []
  for (const key of changed.get(topic)!) {
    const output = aggregate.output(topic, key, memory)
    // What began and was joined to another in the same transaction was never there.
    if (output === null && aggregate.output(topic, key, memory.committed) === null) continue
    records.push({ key: Buffer.from(key), value: output === null ? null : codec.encodeState(topic, output) })
  }
  const position = { key: Buffer.from(positionKey(aggregate.name)), value: codec.encodePosition({ next }) }
  return [...records, ...passed, position]
}

function standingOut(member: Member, next: Offsets): OutRecord {
  const standing: Standing = standingOf(member, next)
  return { key: standingKey(member.aggregate.name), value: Buffer.from(JSON.stringify(standing)) }
}
