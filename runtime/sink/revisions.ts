import type { FileRecord, Offsets } from '../../schemas/dataset-files.js'
import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { type EventFormat, isSnapshot } from '../../sinks/format.js'
import type { OutRecord } from '../log.js'
import { type AppliedSpec, isRevisionGone } from '../spec-table.js'
import { makeCohort, offsetsOf, openRows, samePosition } from './cohort.js'
import { flushLive } from './commit.js'
import { sectionSpans } from './ledger-spans.js'
import { makeMember } from './member.js'
import { takeRevision } from './revision.js'
import { catchUpOut, fileOut, revisionKey } from './sink-records.js'
import type { SinkState } from './sink-state.js'
import { dropSnapshots, takeUpSnapshot } from './snapshot/take-up.js'

/** Takes up new revisions, and lets those go that a newer one has replaced in the manifest. */
export async function followSpecs(state: SinkState): Promise<void> {
  const { specs } = state.deps
  if (specs.version === state.specsSeen) return
  state.specsSeen = specs.version
  const members = [state.live, ...state.catchingUp].flatMap(cohort => cohort.members)
  const snapshots = [...state.tables.values()].flatMap(table => table.snapshots)
  const known = new Set([...members, ...snapshots].map(({ dataset, revision }) => revisionKey(dataset, revision)))
  const fresh = [...specs.specs.values()].filter(({ spec, revision }) => !known.has(revisionKey(spec.id, revision)))
  const admitted = await state.deps.keys.admit(fresh)
  for (const applied of admitted) await takeUp(state, revisionKey(applied.spec.id, applied.revision), applied)
  await leave(
    state,
    fresh.filter(applied => !admitted.includes(applied)),
  )
  await letGo(state)
}

/** Of another key: where its files end is kept, for the next owner that has the key. */
async function leave(state: SinkState, refused: readonly AppliedSpec[]): Promise<void> {
  const { records, live, partition } = state
  const next = offsetsOf(live)
  const left = refused.filter(({ spec, revision }) => records.live.joined[spec.id] === revision)
  const events = left.filter(({ spec }) => !isSnapshot(state.deps.formats.get(spec.kind)!))
  for (const { spec, revision } of events) records.catchUps.set(revisionKey(spec.id, revision), { next })
  if (left.length > 0)
    await flushLive(
      state,
      events.map(({ spec, revision }) => catchUpOut(spec.id, revision, partition, { next })),
    )
}

/** One that has joined reads on with the others; any other begins where it was, or at the beginning, beside them. */
async function takeUp(state: SinkState, name: string, applied: AppliedSpec): Promise<void> {
  const { deps, records, live, catchingUp, topics } = state
  const format = deps.formats.get(applied.spec.kind)!
  if (isSnapshot(format)) return takeUpSnapshot(state, applied, format)
  const member = makeMember(takeRevision<EventFormat, Event>(state, applied, format))
  if (records.live.joined[member.dataset] === member.revision && !live.members.some(m => m.dataset === member.dataset)) {
    live.members.push(member)
    return
  }
  const spans = await sectionSpans(deps, state.partition, applied.spec, topics)
  const cohort = makeCohort(topics, records.catchUps.get(name)?.next ?? behind(member.files.values()), [member], spans)
  const same = catchingUp.find(other => samePosition(other, cohort) && openRows(other) === 0 && !other.spans && !spans)
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
  // A revision that never joined and is not wanted any more would only take the place of its successor.
  const isUnwanted = (dataset: string, revision: number) =>
    isGone(dataset, revision) || revision < (table.specs.get(dataset)?.revision ?? 0)
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
  if (tombstones.length > 0) await flushLive(state, tombstones)
}

function splitRevision(name: string): [dataset: string, revision: number] {
  const bar = name.lastIndexOf('|')
  return [name.slice(0, bar), Number(name.slice(bar + 1))]
}

function drop<T>(list: T[], unwanted: (item: T) => boolean): void {
  list.splice(0, list.length, ...list.filter(item => !unwanted(item)))
}
