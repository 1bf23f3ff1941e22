import type { Bucket, FileRecord, TableProgress } from '../../../schemas/dataset-files.js'
import { mostBuckets } from '../../../sinks/table-key.js'
import { commit, joinedOf } from '../commit.js'
import { fileRecord, type Uploaded } from '../flush.js'
import type { OpenPiece } from '../open-piece.js'
import { fileOut, liveOut } from '../sink-records.js'
import type { SinkState } from '../sink-state.js'
import { type Rendered, renderBucket } from './render-bucket.js'
import { changedBuckets, type Snapshot } from './snapshot.js'
import type { Table } from './table.js'

/** What is rendered side by side may have so many bytes, by what the files had before. */
const sideBySideBytes = 16 << 20
const unknownBytes = 2 << 20

/** What a pass does for one snapshot. */
interface Work {
  /** Number of buckets; doubled when one does not fit into a file, and then all is done again. */
  of: number
  readonly todo: Set<number>
  /** By bucket: its new file; `right` when the listed one has the same content, `empty` when it has no rows (any more). */
  readonly found: Map<number, Uploaded | 'right' | 'empty'>
}

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
    return [snapshot, { of: snapshot.of, todo, found: new Map() }]
  })
  return { next: table.next, folded: table.folded, work: new Map(work) }
}

/**
 * One step of a pass: writes one bucket, or ends it. Order of effects: 1 rows from the table 2 upload each file, only if its name is free, and
 * none whose like is listed 3 in one transaction list the new files, take the old ones off, and write the progress 4 commit 5 remember it.
 * A crash between 2 and 4 leaves objects that nothing lists; the next pass over everything meets them again.
 */
export async function passOnce(state: SinkState, table: Table): Promise<void> {
  const pass = table.pass!
  // A dataset that is gone meanwhile is not written any more.
  const work = [...pass.work].filter(([snapshot]) => table.snapshots.includes(snapshot))
  const first = work.find(([, { todo }]) => todo.size > 0)
  if (first === undefined) return endPass(state, table, pass, work)
  const { of, todo } = first[1]
  const [index = 0] = todo
  const takers = sideBySide(work.filter(([, each]) => each.of === of && each.todo.has(index)))
  const { codec, bucketBytes: most } = state.deps
  const rendered = await renderBucket(
    table,
    takers.map(([snapshot]) => snapshot),
    { index, of },
    { codec, most },
  )
  await Promise.all(takers.map(([snapshot, each]) => take(state, table, snapshot, each, index, rendered.get(snapshot)!)))
  await state.deps.fault('sink.afterBucketUpload')
}

/** Those whose files, as they were, fit into memory together; one at least. */
function sideBySide(takers: readonly (readonly [Snapshot, Work])[]): readonly (readonly [Snapshot, Work])[] {
  let bytes = 0
  const end = takers.findIndex(([{ files }]) => {
    bytes += Math.max(...[...files.values()].map(file => file.bytes), files.size === 0 ? unknownBytes : 0)
    return bytes > sideBySideBytes
  })
  return end < 0 ? takers : takers.slice(0, Math.max(1, end))
}

async function take(state: SinkState, table: Table, snapshot: Snapshot, work: Work, index: number, piece: Rendered): Promise<void> {
  if (piece === null && work.of < mostBuckets) {
    work.of *= 2
    work.found.clear()
    work.todo.clear()
    for (let i = 0; i < work.of; i++) work.todo.add(i)
    return
  }
  work.todo.delete(index)
  if (piece === null) throw new RangeError(`writing ${snapshot.dataset}: rows of one learner do not fit into a file`)
  work.found.set(index, piece.rows === 0 ? 'empty' : await write(state, table, snapshot, piece, { index, of: work.of }))
}

async function write(
  { deps, partition }: SinkState,
  table: Table,
  snapshot: Snapshot,
  piece: OpenPiece,
  bucket: Bucket,
): Promise<Uploaded | 'right'> {
  const { body, sha256 } = piece.finish(snapshot.renderer.tail)
  const old = [...snapshot.files].find(([, { bucket: other }]) => other?.of === bucket.of && other.index === bucket.index)
  if (old !== undefined && old[1].sha256 === sha256) return 'right'
  const target = { generation: deps.naming.generation, partition }
  const offsets = { first: piece.firstOffset, last: piece.lastOffset }
  const record: FileRecord = {
    ...fileRecord(snapshot, table.topic, target, body, sha256, offsets, bucket),
    bucket,
    rows: piece.rows,
    firstTime: new Date(Math.floor(piece.firstAt / 1000)).toISOString(),
    lastTime: new Date(Math.floor(piece.lastAt / 1000)).toISOString(),
    replaces: old === undefined ? [] : [old[0]],
    level: 0,
  }
  await deps.uploads.create(record.key, body, sha256, snapshot.format.contentType)
  return { owner: snapshot, sequence: snapshot.sequence++, record }
}

async function endPass(state: SinkState, table: Table, pass: Pass, work: readonly (readonly [Snapshot, Work])[]): Promise<void> {
  const { partition, records, deps } = state
  const uploaded = work.flatMap(([, { found }]) => [...found.values()].flatMap(each => (typeof each === 'string' ? [] : [each])))
  const gone = work.flatMap(([snapshot, each]) => emptied(snapshot, each).map(sequence => ({ snapshot, sequence })))
  const tombstones = gone.map(({ snapshot, sequence }) => fileOut(snapshot.dataset, snapshot.revision, partition, sequence, null))
  table.coverage.advance(pass.folded, state.ledgerNext)
  const published: TableProgress = { next: pass.next, ...table.coverage.covered }
  const joined = { ...joinedOf(state), ...Object.fromEntries(work.map(([{ dataset, revision }]) => [dataset, revision])) }
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
    join(table, snapshot)
  }
  table.pass = null
  table.lastPass = deps.clock.monotonic()
}

/** Files of buckets that have no rows any more, and all of the former number of buckets. */
function emptied({ files }: Snapshot, { of, found }: Work): readonly number[] {
  const isGone = ({ bucket }: FileRecord) => bucket?.of !== of || found.get(bucket.index) === 'empty'
  return [...files].filter(([, file]) => isGone(file)).map(([sequence]) => sequence)
}

/** A new revision takes the place of the old one, whose files stay listed until the manifest is swapped. */
function join(table: Table, snapshot: Snapshot): void {
  if (snapshot.joined) return
  snapshot.joined = true
  const former = table.snapshots.findIndex(other => other.dataset === snapshot.dataset && other !== snapshot)
  if (former >= 0) table.snapshots.splice(former, 1)
}
