import { createHmac } from 'node:crypto'
import type { StateStore } from '../../runtime/state/state-store.js'
import { decodeHeader } from '../../runtime/state/store-header.js'
import type { Bucket, FileRecord } from '../../schemas/dataset-files.js'
import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { LearnerState } from '../../schemas/learner-state.js'
import type { SessionState } from '../../schemas/session-state.js'
import { type EventTopicId, eventTopicIds, type StateTopicId } from '../../schemas/topics.js'
import { require } from './require.js'
import { type Objects, rowsOf } from './sim-store.js'
import type { WatchRoute } from './watch-route.js'
import { learnerOf, type WatchStates } from './watch-states.js'

/** The topic of each kind that has a row per state. */
export const tableOf: Partial<Record<DatasetKind, StateTopicId>> = { learners: 'state.learners', sessions: 'state.sessions' }

type Listed = Pick<FileRecord, 'key'> & { readonly bucket?: Bucket | undefined }

/** What files are said to contain: the states below `next`, and with them everything below `xapi`; null = that is not said. */
export interface Reach {
  readonly next: number
  readonly xapi: number | null
}

/** Of all processes of a world. */
export const pseudonymKey = 'the same key in all worlds'

/** Where a key lies among all: by the first two bytes of the learner's keyed hash, written here without the product. */
function placeOf(key: string): number {
  let place = places.get(key)
  if (place === undefined) {
    place = keyedHash(learnerOf(key)).readUInt16BE(0) / 65_536
    places.set(key, place)
  }
  return place
}
const places = new Map<string, number>()

const keyedHash = (learner: string) => createHmac('sha256', pseudonymKey).update(`tributary table\n${learner}`).digest()

const instant = (micros: number) => new Date(micros / 1000).toISOString().replace('Z', '000Z')

/** A row said once more and without the product: only what a spec is asked for here, and no cell that would need quotes. */
function rowOf({ kind, exclude_fields }: DatasetSpec, text: string): string {
  const name = `${kind} ${exclude_fields} ${text}`
  const found = rows.get(name)
  if (found !== undefined) return found
  const state = JSON.parse(text) as LearnerState & SessionState
  const { events: e } = state
  const kinds = [e.part_attempt, e.activity_attempt, e.page_attempt, e.page_viewed, e.video_played, e.video_paused, e.video_seeked]
  const others = [e.video_completed, e.tutor_message, e.experiment_condition_assigned, e.experiment_attribution, e.other]
  const counted = [state.partsAttempted, state.partsCorrect, state.score / 1e6, state.outOf / 1e6, state.hints, state.pages]
  const times = [instant(state.first), instant(state.last)]
  const row = [
    state.learner,
    state.section,
    ...(exclude_fields.includes('host') ? [] : [state.host]),
    ...times,
    ...(kind === 'learners' ? [state.activeDays, state.sessions] : [(state.last - state.first) / 1e6, state.sourceSessionCount]),
    ...[...kinds, ...others].map(count => count ?? 0),
    ...counted,
    state.watchedMs / 1000,
  ].join()
  rows.set(name, row)
  return row
}
/** The same states come in every world. */
const rows = new Map<string, string>()

/** The rows of a bucket, in order. */
function bucketOf(spec: DatasetSpec, states: ReadonlyMap<string, string>, { index, of }: Bucket): string {
  const rows: string[] = []
  for (const [key, state] of states) if (Math.floor(placeOf(key) * of) === index && selects(spec, key)) rows.push(rowOf(spec, state))
  return rows.sort().join('\n')
}

/**
 * Datasets with a row per state. At every moment each bucket of the listed files is what the states were where the progress says, or at the
 * end of a later transaction: no row is missing, none is there twice, and nothing that is called covered is not in them; and what
 * comes into a sink's table was committed before.
 */
export class WatchTables {
  breach: Error | null = null
  readonly #merged: (() => void)[] = []
  readonly #states: WatchStates
  readonly #route: WatchRoute
  readonly #objects: Objects
  readonly #stable: (topic: StateTopicId, partition: number) => number
  /** By key of the object: its rows, in order. */
  readonly #rows = new Map<string, string>()
  /** What was found right, by files and progress. */
  readonly #right = new Set<string>()

  /** `stable`: up to where readers of committed records see a topic. */
  constructor(states: WatchStates, route: WatchRoute, objects: Objects, stable: (topic: StateTopicId, partition: number) => number) {
    this.#states = states
    this.#route = route
    this.#objects = objects
    this.#stable = stable
  }

  requireRows(spec: DatasetSpec, partition: number, files: readonly Listed[], { next, xapi }: Reach, where: string): void {
    const topic = tableOf[spec.kind]!
    const name = [spec.id, spec.exclude_fields, spec.ignored_student_ids, partition, next, xapi, ...files.map(file => file.key)].join(' ')
    if (this.#right.has(name)) return
    const told = `${where}: ${spec.id} of partition ${partition}, which is said to be ${topic} below ${next} and xapi below ${xapi}`
    const table = this.#states.below(topic, partition, next)
    require(table.whole, () => `${told}, ends between two records of one transaction`)
    const of = files[0]?.bucket?.of ?? 1
    const listed = new Map<number, Map<number, string>>()
    for (const { key, bucket = { index: 0, of: 0 } } of files) {
      const parts = listed.get(bucket.index) ?? new Map<number, string>()
      listed.set(bucket.index, parts)
      const isOne = bucket.of === of && bucket.index < of && !parts.has(bucket.part ?? 0)
      require(isOne, () => `${told}: ${key} is not one of ${of} buckets`)
      const rows = this.#rowsIn(key)
      require(rows !== '', () => `${told}: ${key} is empty`)
      parts.set(bucket.part ?? 0, rows)
    }
    const rowsOfBucket = (index: number) =>
      [...(listed.get(index)?.values() ?? [])]
        .flatMap(rows => rows.split('\n'))
        .sort()
        .join('\n')
    // A bucket is read after the pass began that the progress tells of, perhaps with what came meanwhile: never with half of a transaction.
    const ends = [next, ...this.#states.ends(topic, partition).filter(end => end > next)]
    for (let index = 0; index < of; index++) {
      const found = rowsOfBucket(index)
      const was = (end: number) => bucketOf(spec, this.#states.below(topic, partition, end).states, { index, of })
      require(ends.some(end => was(end) === found), () =>
        `${told}: bucket ${index} of ${of} has\n${found}\nand there it must have\n${was(next)}`)
    }
    if (xapi !== null) this.#covered(partition, table.next, xapi, told)
    this.#right.add(name)
  }

  /** Judges what tables have taken in, once all is read that was committed by then. */
  settle(): void {
    for (const judge of this.#merged.splice(0)) judge()
  }

  /** A sink's table of one partition, into which nothing may come that is not committed. */
  guarded(store: StateStore, partition: number, topic: StateTopicId): StateStore {
    return {
      ...store,
      merge: (change, header) => {
        const puts = [...(change.puts ?? [])]
        const deletes = [...(change.deletes ?? [])]
        // Looked at when all is read that was committed by then: a reader that waits for it may be quicker.
        this.#merged.push(() => {
          const records = this.#states.records(topic, partition)
          const isCommitted = ([key, row]: (typeof puts)[number]) => {
            const record = records.find(({ offset }) => offset === row.readUIntBE(0, 6))
            return record?.value?.equals(row.subarray(6)) === true && placed(record.key).equals(key)
          }
          const isDeleted = (key: Buffer) =>
            records.some(record => record.state === null && record.next === null && placed(record.key).equals(key))
          require(puts.every(isCommitted) && deletes.every(isDeleted), () => told)
        })
        const read = decodeHeader(header)
        const told = `the table of ${topic}/${partition} is given what is not committed: ${JSON.stringify(read)}`
        // Thrown here it would only be one more failing disk: it is kept for the next look.
        if (typeof read === 'string' || read.changelog > this.#stable(topic, partition)) this.breach ??= new Error(told)
        return store.merge({ puts, deletes }, header)
      },
    }
  }

  /** Every event of what was told below is in the states. */
  #covered(partition: number, next: Readonly<Partial<Record<EventTopicId, number>>>, xapi: number, told: string): void {
    for (const topic of eventTopicIds) {
      const missing = this.#route.events(topic, partition).find(({ offset, src }) => offset >= (next[topic] ?? 0) && src < xapi)
      require(missing === undefined, () => `${told}: the states end before ${topic}/${missing!.offset}, which is xapi/${missing!.src}`)
    }
  }

  #rowsIn(key: string): string {
    const found = this.#rows.get(key) ?? rowsOf(this.#objects.get(key)!.toString()).slice(1).sort().join('\n')
    this.#rows.set(key, found)
    return found
  }
}

/** What a spec selects: only the filter that is used here. */
const selects = ({ ignored_student_ids }: DatasetSpec, key: string) => !ignored_student_ids.includes(key.split('|')[2]!)

/** A key of a table: the learner's hash, and what comes behind the learner. */
function placed(key: string): Buffer {
  const learner = learnerOf(key)
  return Buffer.concat([keyedHash(learner).subarray(0, 16), Buffer.from(key.slice(learner.length + 1))])
}
