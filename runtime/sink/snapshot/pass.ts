import type { Bucket, FileRecord, TableProgress } from '../../../schemas/dataset-files.js'
import { commit } from '../commit.js'
import type { OpenPiece } from '../open-piece.js'
import { joinedOf, joinedWith } from '../progress.js'
import { fileOut, liveOut } from '../sink-records.js'
import type { SinkState } from '../sink-state.js'
import { BucketFiles, type Work } from './bucket-files.js'
import { renderBucket } from './render-bucket.js'
import { changedBuckets, type Snapshot } from './snapshot.js'
import type { Table } from './table.js'

/** What a process renders side by side may have so many bytes, by what the files had before. */
export const sideBySideBytes = 16 << 20
const unknownBytes = 2 << 20

/** Changed buckets being written, one after the other, between two fetches of live reading. */
export interface Pass {
  /** What the files will contain: the table as it was when the pass began. What changes meanwhile is for the next one. */
  readonly next: number
  readonly folded: Table['folded']
  readonly work: ReadonlyMap<Snapshot, Work>
}

export function beginPass(table: Table): Pass {
  const changed = table.snapshots.filter(snapshot => snapshot.changed === null || snapshot.changed.size > 0 || !snapshot.joined)
  const work = changed.map((snapshot): [Snapshot, Work] => {
    const todo = new Set(changedBuckets(snapshot))
    snapshot.changed = new Set()
    return [snapshot, { of: snapshot.of, todo, found: new Map(), bytes: 0 }]
  })
  return { next: table.next, folded: table.folded, work: new Map(work) }
}

/**
 * One step of a pass: writes one bucket, or ends it. Order of effects: 1 rows from the table 2 upload each file, only if its name is free, and
 * none whose like is listed 3 in one transaction list the new files, take the old ones off, and write the progress 4 commit 5 remember it.
 * A crash between 2 and 4 leaves objects that nothing lists; the next pass over everything meets them again.
 *
 * @returns false: there is no room in memory now, nothing was done
 */
export async function passOnce(state: SinkState, table: Table): Promise<boolean> {
  const pass = table.pass!
  // A dataset that is gone meanwhile is not written any more.
  const work = [...pass.work].filter(([snapshot]) => table.snapshots.includes(snapshot))
  const first = work.find(([, { todo }]) => todo.size > 0)
  if (first === undefined) {
    await endPass(state, table, pass, work)
    return true
  }
  const { of, todo } = first[1]
  const [index = 0] = todo
  const { takers, bytes } = sideBySide(work.filter(([, each]) => each.of === of && each.todo.has(index)))
  const leave = state.deps.passRoom.take(bytes)
  if (leave === null) return false
  try {
    await writeBucket(state, table, takers, { index, of })
  } finally {
    leave()
  }
  await state.deps.fault('sink.afterBucketUpload')
  return true
}

type Taker = readonly [Snapshot, Work]

async function writeBucket(state: SinkState, table: Table, takers: readonly Taker[], bucket: Bucket): Promise<void> {
  const files = new Map(takers.map(([snapshot, each]) => [snapshot, new BucketFiles(state, table, snapshot, each, bucket)]))
  const { codec, bucketBytes: most } = state.deps
  const onFull = (snapshot: Snapshot, piece: OpenPiece) => files.get(snapshot)!.onFull(piece)
  const rendered = await renderBucket(table, [...files.keys()], bucket, { codec, most, onFull })
  await Promise.all([...files].map(([snapshot, each]) => each.end(rendered.get(snapshot)!)))
}

/** Those whose files, as they were, fit into memory together; one at least. */
function sideBySide(takers: readonly Taker[]): { readonly takers: readonly Taker[]; readonly bytes: number } {
  let bytes = 0
  for (const [i, [{ files }]] of takers.entries()) {
    const own = Math.max(...[...files.values()].map(file => file.bytes), files.size === 0 ? unknownBytes : 0)
    if (i > 0 && bytes + own > sideBySideBytes) return { takers: takers.slice(0, i), bytes }
    bytes += own
  }
  return { takers, bytes }
}

async function endPass(state: SinkState, table: Table, pass: Pass, work: readonly (readonly [Snapshot, Work])[]): Promise<void> {
  const { partition, records, deps } = state
  const uploaded = work.flatMap(([, { found }]) => [...found.values()].flatMap(each => each.uploaded))
  const gone = work.flatMap(([snapshot, each]) => emptied(snapshot, each).map(sequence => ({ snapshot, sequence })))
  const tombstones = gone.map(({ snapshot, sequence }) => fileOut(snapshot.dataset, snapshot.revision, partition, sequence, null))
  table.coverage.advance(pass.folded, state.ledgerNext)
  const published: TableProgress = { next: pass.next, ...table.coverage.covered }
  const joined = joinedWith(
    joinedOf(state),
    work.map(([snapshot]) => snapshot),
  )
  const live = { ...records.live, joined, tables: { ...records.live.tables, [table.topic]: published } }
  // After a restart all may be as it was: then there is nothing to say.
  const isNews = uploaded.length > 0 || gone.length > 0 || work.some(([{ joined }]) => !joined) || published.xapi > table.published.xapi
  if (isNews) {
    await commit(state, uploaded, [...tombstones, liveOut(partition, live)])
    records.live = live
    table.published = published
  }
  for (const { snapshot, sequence } of gone) snapshot.files.delete(sequence)
  for (const [snapshot, each] of work) {
    snapshot.of = each.of
    snapshot.joined = true
  }
  table.pass = null
  table.lastPass = deps.clock.monotonic()
}

/** Files of buckets that have none any more in their place, and all of the former number of buckets. */
function emptied({ files }: Snapshot, { of, found }: Work): readonly number[] {
  const isGone = ([sequence, { bucket }]: readonly [number, FileRecord]) => {
    const now = bucket?.of === of ? found.get(bucket.index) : null
    return now === null || (now !== undefined && now.uploaded.length === 0 && !now.kept.has(sequence))
  }
  return [...files].filter(isGone).map(([sequence]) => sequence)
}
