import type { FileRecord, Offsets } from '../../schemas/dataset-files.js'
import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { type EventFormat, isSnapshot } from '../../sinks/format.js'
import type { OutRecord } from '../log.js'
import { type AppliedSpec, isRevisionGone, revisionsToWrite } from '../spec-table.js'
import { type Cohort, makeCohort, openRows, samePosition } from './cohort.js'
import { flushLive } from './commit.js'
import { makeMember } from './member.js'
import { takeRevision } from './revision.js'
import { catchUpOut, fileOut, joinedReach, revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'
import { dropSnapshots, takeUpSnapshot } from './snapshot/take-up.js'

/** Takes up new revisions, beside those that manifests show, and lets those go that a newer one has replaced in the manifest. */
export async function followSpecs(state: SinkState): Promise<void> {
  const { specs } = state.deps
  if (specs.version === state.specsSeen) return
  const begins = state.specsSeen < 0
  state.specsSeen = specs.version
  const members = [state.live, ...state.catchingUp].flatMap(cohort => cohort.members)
  const snapshots = [...state.tables.values()].flatMap(table => table.snapshots)
  const known = new Set([...members, ...snapshots].map(({ dataset, revision }) => revisionKey(dataset, revision)))
  const fresh = revisionsToWrite(specs).filter(({ spec, revision }) => !known.has(revisionKey(spec.id, revision)))
  const admitted = await state.deps.keys.admit(fresh)
  for (const applied of admitted) await takeUp(state, revisionKey(applied.spec.id, applied.revision), applied, begins)
  await leave(
    state,
    fresh.filter(applied => !admitted.includes(applied)),
  )
  await letGo(state)
}

/** Of another key: where its files end is kept, for the next owner that has the key. */
async function leave(state: SinkState, refused: readonly AppliedSpec[]): Promise<void> {
  const { records, partition } = state
  const left = refused.flatMap(({ spec: { id, kind }, revision }) => {
    const reach = joinedReach(records.live, id, revision, null)
    return reach === null ? [] : [{ id, revision, next: reach.next, isOfEvents: !isSnapshot(state.deps.formats.get(kind)!) }]
  })
  const events = left.filter(({ isOfEvents }) => isOfEvents)
  for (const { id, revision, next } of events) records.catchUps.set(revisionKey(id, revision), { next })
  if (left.length > 0)
    await flushLive(
      state,
      [],
      events.map(({ id, revision, next }) => catchUpOut(id, revision, partition, { next })),
    )
}

/**
 * One that has joined reads on with the others, who go back to where its files are if they must: only while nothing was asked for yet. Any
 * other begins where it was, or at the beginning, beside them.
 */
async function takeUp(state: SinkState, name: string, applied: AppliedSpec, begins: boolean): Promise<void> {
  const { deps, records, live, catchingUp, topics } = state
  const format = deps.formats.get(applied.spec.kind)!
  if (isSnapshot(format)) return takeUpSnapshot(state, applied, format)
  const taken = takeRevision<EventFormat, Event>(state, applied, format)
  const reach = begins ? joinedReach(records.live, taken.dataset, taken.revision, null) : null
  if (reach !== null) {
    live.members.push(makeMember(taken, reach))
    for (const [topic, next] of live.next) live.next.set(topic, Math.min(next, reach.next[topic] ?? 0))
    return
  }
  const next = records.catchUps.get(name)?.next ?? behind(taken.files.values())
  const member = makeMember(taken, { next, xapi: 0, received: 0 })
  const wants = applied.spec.section_ids === null ? null : applied.spec
  const cohort = makeCohort(topics, next, [member], wants)
  const hasRoom = ({ members }: Cohort) => members.length < deps.budget.together
  const readsAll = ({ spans, wants }: Cohort) => spans === null && wants === null
  const same = catchingUp.find(
    other => samePosition(other, cohort) && openRows(other) === 0 && readsAll(other) && readsAll(cohort) && hasRoom(other),
  )
  if (same) same.members.push(member)
  else catchingUp.push(cohort)
}

/** Where files without a progress record end: their rows must not be rendered again, whatever became of the record. */
function behind(files: Iterable<FileRecord>): Offsets {
  const next: Partial<Record<EventTopicId, number>> = {}
  for (const { topic, lastOffset } of files) next[topic as EventTopicId] = Math.max(next[topic as EventTopicId] ?? 0, lastOffset + 1)
  return next
}

/**
 * Revisions that are gone are taken off the list, with their files: deleted ones, and those that manifests show no more. The objects
 * stay for the manifests that name them.
 */
async function letGo(state: SinkState): Promise<void> {
  const { records, partition, live, catchingUp } = state
  const table = state.deps.specs
  const isGone = (dataset: string, revision: number) => isRevisionGone(table, dataset, revision)
  // One that was replaced before it had joined everywhere will not be shown. Where it has joined it stays: a publisher may just swap it in.
  const written = new Set(revisionsToWrite(table).map(({ spec, revision }) => revisionKey(spec.id, revision)))
  const isUnwanted = (dataset: string, revision: number) =>
    isGone(dataset, revision) || !(written.has(revisionKey(dataset, revision)) || table.unusable.has(dataset))
  drop(live.members, member => isGone(member.dataset, member.revision))
  for (const cohort of catchingUp) drop(cohort.members, member => isUnwanted(member.dataset, member.revision))
  drop(catchingUp, cohort => cohort.members.length === 0)
  await dropSnapshots(state, ({ joined, dataset, revision }) => (joined ? isGone : isUnwanted)(dataset, revision))

  const tombstones: OutRecord[] = []
  for (const name of records.catchUps.keys()) {
    const [dataset, revision] = splitRevision(name)
    if (!isUnwanted(dataset, revision)) continue
    tombstones.push(catchUpOut(dataset, revision, partition, null))
    records.catchUps.delete(name)
  }
  for (const [name, files] of records.files) {
    const [dataset, revision] = splitRevision(name)
    if (!isGone(dataset, revision)) continue
    for (const sequence of files.keys()) tombstones.push(fileOut(dataset, revision, partition, sequence, null))
    records.files.delete(name)
  }
  if (tombstones.length > 0) await flushLive(state, [], tombstones)
}

function splitRevision(name: string): [dataset: string, revision: number] {
  const bar = name.lastIndexOf('|')
  return [name.slice(0, bar), Number(name.slice(bar + 1))]
}

function drop<T>(list: T[], unwanted: (item: T) => boolean): void {
  list.splice(0, list.length, ...list.filter(item => !unwanted(item)))
}
