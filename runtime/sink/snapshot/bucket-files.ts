import type { Bucket, FileRecord } from '../../../schemas/dataset-files.js'
import { mostBuckets } from '../../../sinks/table-key.js'
import { fileRecord, type Uploaded } from '../flush.js'
import type { OpenPiece } from '../open-piece.js'
import type { SinkState } from '../sink-state.js'
import type { Snapshot } from './snapshot.js'
import type { Table } from './table.js'

/** What a pass does for one snapshot. */
export interface Work {
  /** Number of buckets; doubled when one does not fit into a file, and then all is done again. */
  of: number
  readonly todo: Set<number>
  /** By bucket. */
  readonly found: Map<number, Found>
  /** Of all files of this pass so far. */
  bytes: number
}

/** The files of one bucket: new ones, and the sequences of those that are listed and right. Neither = it has no rows. */
export interface Found {
  readonly uploaded: readonly Uploaded[]
  readonly kept: ReadonlySet<number>
}

/** A file is filled by this share at least, on an average, before buckets are doubled. */
const fillShare = 0.25

/**
 * The files of one bucket while it is written. A bucket that outgrows a file is a reason to double the number of buckets only if files are
 * well filled as a whole: then many learners share it. Else it is the rows of few, which no number of buckets would part, and the bucket
 * gets several files: whatever is sent, no file is larger than it may be, and there are not many small ones.
 */
export class BucketFiles {
  readonly #state: SinkState
  readonly #table: Table
  readonly #snapshot: Snapshot
  readonly #work: Work
  readonly #bucket: Bucket
  readonly #uploaded: Uploaded[] = []
  readonly #kept = new Set<number>()
  #parts = 0

  constructor(state: SinkState, table: Table, snapshot: Snapshot, work: Work, bucket: Bucket) {
    this.#state = state
    this.#table = table
    this.#snapshot = snapshot
    this.#work = work
    this.#bucket = bucket
  }

  /** False = the number of buckets is doubled. */
  async onFull(piece: OpenPiece): Promise<boolean> {
    const { of, bytes } = this.#work
    const listed = [...this.#snapshot.files.values()].reduce((sum, file) => sum + file.bytes, 0)
    const total = Math.max(listed, bytes + piece.bytes)
    if (of < mostBuckets && total >= of * this.#state.deps.bucketBytes * fillShare) return false
    await this.#write(piece, { ...this.#bucket, part: this.#parts++ })
    return true
  }

  /** With the last file; null = the number of buckets is doubled. */
  async end(piece: OpenPiece | null): Promise<void> {
    const work = this.#work
    const { index } = this.#bucket
    if (piece === null) {
      work.of *= 2
      work.found.clear()
      work.todo.clear()
      work.bytes = 0
      for (let i = 0; i < work.of; i++) work.todo.add(i)
      return
    }
    if (piece.rows > 0) await this.#write(piece, this.#parts === 0 ? this.#bucket : { ...this.#bucket, part: this.#parts })
    work.todo.delete(index)
    const replaced = this.#listed().flatMap(([sequence]) => (this.#kept.has(sequence) ? [] : [sequence]))
    const uploaded = this.#uploaded.map((each, i) => (i > 0 ? each : { ...each, record: { ...each.record, replaces: replaced } }))
    work.found.set(index, { uploaded, kept: this.#kept })
  }

  #listed(): readonly (readonly [number, FileRecord])[] {
    const { index, of } = this.#bucket
    return [...this.#snapshot.files].filter(([, { bucket }]) => bucket?.of === of && bucket.index === index)
  }

  /** A file whose like is listed is not written. */
  async #write(piece: OpenPiece, bucket: Bucket): Promise<void> {
    const snapshot = this.#snapshot
    const { deps, partition } = this.#state
    const { body, sha256 } = piece.finish(snapshot.renderer.tail)
    this.#work.bytes += body.length
    const old = this.#listed().find(([, file]) => file.bucket?.part === bucket.part && file.sha256 === sha256)
    if (old !== undefined) {
      this.#kept.add(old[0])
      return
    }
    const target = { generation: deps.naming.generation, partition }
    // A part may become again what it was, and would meet its own name when that is garbage: the table's offset makes it another.
    const last = bucket.part === undefined ? piece.lastOffset : this.#table.next - 1
    const record: FileRecord = {
      ...fileRecord(snapshot, this.#table.topic, target, body, sha256, { first: piece.firstOffset, last }, bucket),
      bucket,
      rows: piece.rows,
      firstTime: new Date(Math.floor(piece.firstAt / 1000)).toISOString(),
      lastTime: new Date(Math.floor(piece.lastAt / 1000)).toISOString(),
      replaces: [],
      level: 0,
    }
    await deps.uploads.create(record.key, body, sha256, snapshot.format.contentType)
    this.#uploaded.push({ owner: snapshot, sequence: snapshot.sequence++, record })
  }
}
