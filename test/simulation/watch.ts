import { headerText, type LogRecord } from '../../runtime/log.js'
import type { MemoryBroker } from '../../runtime/memory/memory-broker.js'
import { type MemoryDisk, memoryStateStore } from '../../runtime/memory/memory-state-store.js'
import type { Codec } from '../../runtime/registry/codec.js'
import type { AnyRoleName } from '../../runtime/roles.js'
import { makeSpecTable, type SpecTable } from '../../runtime/spec-table.js'
import type { StateStore } from '../../runtime/state/state-store.js'
import { decodeHeader } from '../../runtime/state/store-header.js'
import { decodeSourcesRecord, type ObjectRecord } from '../../schemas/sources.js'
import { eventTopicIds, type Naming, type StateTopicId, type TopicId, topicName, topics, transactionalId } from '../../schemas/topics.js'
import type { Tally } from './faults.js'
import { require } from './require.js'
import type { Objects } from './sim-store.js'
import { WatchManifests } from './watch-manifests.js'
import { WatchRoute } from './watch-route.js'
import { WatchSeals } from './watch-seals.js'
import { WatchSinks } from './watch-sinks.js'
import { WatchStates } from './watch-states.js'
import { WatchTables } from './watch-tables.js'

type OnRecords = (records: readonly LogRecord[], partition: number) => void

/** The one transactional id that may write to each partition of a topic; null = nobody has one. */
function writerOf(topic: TopicId, partition: number, naming: Naming): string | null {
  if (!topics[topic].derived) return null
  const role = topic === 'dataset-files' ? 'sink' : topics[topic].writtenBy === 'aggregate' ? 'aggregate' : 'route'
  return transactionalId(role, partition, naming)
}

/** What committed records and written objects say, followed after every step; anything that may never be is an error at once. */
export class Watch {
  readonly specs: SpecTable = makeSpecTable()
  readonly sources = {
    objects: new Map<string, ObjectRecord>(),
    /** By request: of two runs of it that went on beside each other, one may have been stopped for good. */
    sealed: new Map<string, boolean>(),
    /** As the log has them. */
    records: [] as (readonly [key: string, value: string])[],
  }
  readonly route: WatchRoute
  readonly seals: WatchSeals
  readonly states: WatchStates
  readonly tables: WatchTables
  readonly sinks: WatchSinks
  readonly manifests: WatchManifests
  readonly #broker: MemoryBroker
  readonly #naming: Naming
  readonly #partitions: number
  readonly #next = new Map<TopicId, number[]>()
  readonly #reading: readonly (readonly [topic: TopicId, OnRecords])[]
  #changed = true
  #breach: unknown = null

  constructor(broker: MemoryBroker, naming: Naming, partitions: number, codec: Codec, objects: Objects, tally: Tally) {
    this.#broker = broker
    this.#naming = naming
    this.#partitions = partitions
    const route = new WatchRoute(partitions, codec, tally)
    const seals = new WatchSeals(route)
    this.route = route
    this.seals = seals
    const ends = (partition: number) => route.ledgers.get(String(partition))?.position?.ends ?? {}
    this.states = new WatchStates(partitions, { events: (topic, p) => route.events(topic, p), ends }, codec, tally)
    this.tables = new WatchTables(this.states, route, objects, (topic, p) => this.#marks(topic, p).stable)
    const sinks = new WatchSinks(partitions, route, this.tables, objects, tally)
    this.sinks = sinks
    this.manifests = new WatchManifests(sinks, route, seals, objects)
    const each =
      (on: (record: LogRecord, partition: number) => void): OnRecords =>
      (records, partition) => {
        for (const record of records) on(record, partition)
      }
    // Outcomes first, then the position that has passed their records, then the books.
    this.#reading = [
      ['xapi', each((record, partition) => this.#onXapi(record, partition))],
      ...eventTopicIds.map(topic => [topic, each((record, partition) => route.onEvent(record, partition, topic))] as const),
      ['dead-letters', each((record, partition) => route.onLetter(record, partition))],
      ['route-seen', each((record, partition) => route.onSeen(record, partition))],
      ['route-ledger', each((record, partition) => route.onLedger(record, partition))],
      ...this.states.reading,
      ['datasets', each((record, partition) => this.#onSpec(record, partition))],
      ['dataset-files', (records, partition) => sinks.onFiles(records, partition)],
      ['sources', each(record => this.#onSource(record))],
    ]
    for (const [topic] of this.#reading) this.#next.set(topic, Array<number>(partitions).fill(0))
    broker.onChange(() => {
      this.#changed = true
    })
  }

  /** Reads on; throws at the first breach. False = nothing was new. */
  look(): boolean {
    const breach = this.#breach ?? this.states.breach ?? this.tables.breach
    if (breach !== null) throw breach
    const changed = this.#changed
    this.#changed = false
    if (changed)
      for (const [topic, on] of this.#reading)
        for (let partition = 0; partition < this.#partitions; partition++) this.#read(topic, partition, on)
    this.tables.settle()
    return changed
  }

  onObject(key: string, body: Buffer, again: boolean): void {
    this.#changed = true
    this.#check(() => this.manifests.onObject(key, body, again))
  }

  /** A task's store on a disk, or one of its tables, into which nothing may come that is not committed. */
  store(role: AnyRoleName, partition: number, disk: MemoryDisk, table?: StateTopicId): StateStore {
    const store = memoryStateStore(disk)
    if (table !== undefined) return this.tables.guarded(store, partition, table)
    return role === 'aggregate' ? this.states.guarded(store, partition) : this.#guarded(store, partition)
  }

  /** Route's. */
  #guarded(store: StateStore, partition: number): StateStore {
    return {
      ...store,
      merge: (change, header) => {
        const puts = [...(change.puts ?? [])]
        this.#check(() => {
          const read = decodeHeader(header)
          const isCommitted = ([key]: (typeof puts)[number]) => this.route.seen[partition]!.has(key.toString('latin1'))
          require(typeof read !== 'string' &&
            (read.position as number) <= this.route.positions[partition]! &&
            puts.every(isCommitted), () => `the store of partition ${partition} is given what is not committed: ${JSON.stringify(read)}`)
        })
        return store.merge({ ...change, puts }, header)
      },
    }
  }

  /** End of a partition, as a reader of committed records sees it. */
  end(topic: TopicId, partition: number): number {
    return this.#marks(topic, partition).high
  }

  /** A topic in which a decided transaction is still open, if there is one. */
  leftOpen(): string | undefined {
    for (const [topic] of this.#reading)
      for (let p = 0; p < this.#partitions; p++) {
        const log = this.#broker.partition(topicName(topic, this.#naming), p)
        if (log.marks.stable < log.decided) return `${topic}/${p}`
      }
    return undefined
  }

  #marks(topic: TopicId, partition: number) {
    return this.#broker.partition(topicName(topic, this.#naming), partition).marks
  }

  #read(topic: TopicId, partition: number, on: OnRecords): void {
    const log = this.#broker.partition(topicName(topic, this.#naming), partition)
    const next = this.#next.get(topic)!
    if (log.marks.high === next[partition]) return
    this.#writers(topic, partition)
    if (log.decided <= next[partition]!) return
    const read = log.readDecided(next[partition]!)
    next[partition] = read.next
    if (read.records.length > 0) on(read.records, partition)
  }

  /** Every derived partition has one transactional writer, and one transaction at a time; beside it only a backfill writes, dead letters. */
  #writers(topic: TopicId, partition: number): void {
    const { writers, open } = this.#broker.partition(topicName(topic, this.#naming), partition)
    const own = writerOf(topic, partition, this.#naming)
    for (const writer of writers)
      require(writer === own || (writer === '' && (own === null || topic === 'dead-letters')), () =>
        `${topic}/${partition} was written by "${writer}"`)
    require(open.length <= 1, () => `${topic}/${partition} has ${open.length} open transactions`)
  }

  #onXapi(record: LogRecord, partition: number): void {
    this.route.onXapi(record, partition)
    if (headerText(record, 'marker') !== undefined) this.seals.onMarker(record)
  }

  #onSpec(record: LogRecord, partition: number): void {
    this.specs.onRecord(record, partition)
    if (!record.key!.includes('|')) this.sinks.onSpec(record)
  }

  #onSource(record: LogRecord): void {
    const key = record.key!.toString()
    const { objects, sealed, records } = this.sources
    records.push([key, record.value!.toString()])
    const decoded = decodeSourcesRecord(key, record.value!)
    if (decoded.is === 'object') objects.set(key, decoded.object)
    else if (decoded.is === 'run')
      sealed.set(decoded.run.request, sealed.get(decoded.run.request) === true || decoded.run.state === 'sealed')
  }

  /** Thrown where it is seen, a breach would only be one more failing server: it is kept for the next look. */
  #check(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#breach ??= error
    }
  }
}
