import type { LogRecord } from '../../runtime/log.js'
import { headerText } from '../../runtime/log.js'
import type { MemoryBroker } from '../../runtime/memory/memory-broker.js'
import type { Codec } from '../../runtime/registry/codec.js'
import { applySinkRecord, emptySinkRecords, type SinkRecords } from '../../runtime/sink/sink-records.js'
import { makeSpecTable, type SpecTable } from '../../runtime/spec-table.js'
import type { FileRecord, LiveProgress } from '../../schemas/dataset-files.js'
import type { RouteLedger } from '../../schemas/route-ledger.js'
import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { eventTopicIds, type Naming, type TopicId, topicName } from '../../schemas/topics.js'
import { require } from './require.js'
import type { Objects } from './sim-store.js'

const sum = (counts: object) => Object.values(counts).reduce((a: number, b: unknown) => a + (b as number), 0)

/** What committed records say, followed after every step; anything that may never be is an error at once. */
export class WatchLog {
  readonly specs: SpecTable = makeSpecTable()
  readonly sinks: readonly SinkRecords[]
  readonly positions: number[]
  readonly letters: { readonly code: string; readonly value: string }[] = []
  events = 0
  readonly #next = new Map<string, number>()
  readonly #ids = new Set<string>()
  readonly #eventsIn: number[]
  readonly #xapi: number[][]
  readonly #ends: number[][]
  #changed = true

  constructor(
    readonly broker: MemoryBroker,
    readonly naming: Naming,
    readonly partitions: number,
    readonly codec: Codec,
    readonly objects: Objects,
  ) {
    const each = <T>(make: () => T) => Array.from({ length: partitions }, make)
    this.sinks = each(emptySinkRecords)
    this.positions = each(() => 0)
    this.#eventsIn = each(() => 0)
    this.#xapi = each(() => [])
    this.#ends = each(() => [])
    broker.onChange(() => {
      this.#changed = true
    })
  }

  /** Reads on; throws at the first breach. */
  look(): void {
    if (!this.#changed) return
    this.#changed = false
    for (let p = 0; p < this.partitions; p++) {
      this.#read('xapi', p, record => this.#onXapi(record, p))
      for (const topic of eventTopicIds) this.#read(topic, p, record => this.#onEvent(record, p, topic))
      this.#read('dead-letters', p, record => this.#onLetter(record))
      this.#read('route-seen', p, record => this.#onSeen(record, p))
      this.#read('route-ledger', p, record => this.#onLedger(this.codec.decodeLedger(record.value!), p))
      this.#read('datasets', p, record => this.specs.onRecord(record, p))
      this.#readFiles(p)
    }
  }

  /** End of a partition, as a reader of committed records sees it. */
  end(topic: TopicId, partition: number): number {
    return this.broker.partition(topicName(topic, this.naming), partition).marks.high
  }

  files(dataset: string, revision: number): FileRecord[] {
    return this.sinks.flatMap(({ files }) => [...(files.get(`${dataset}|${revision}`)?.values() ?? [])])
  }

  #read(topic: TopicId, partition: number, on: (record: LogRecord) => void): number {
    const place = `${topic}/${partition}`
    const log = this.broker.partition(topicName(topic, this.naming), partition)
    const from = this.#next.get(place) ?? 0
    if (log.marks.stable <= from) return 0
    const { records, next } = log.read(from, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    this.#next.set(place, next)
    for (const record of records) on(record)
    return records.length
  }

  #onXapi(record: LogRecord, partition: number): void {
    this.#xapi[partition]!.push(record.offset)
    const marker = headerText(record, 'marker')
    if (marker === 'end') this.#ends[partition]!.push(record.offset)
    if (marker === 'sealed')
      for (let p = 0; p < this.partitions; p++)
        require(this.positions[p]! > (this.#ends[p]!.at(-1) ?? Number.POSITIVE_INFINITY), () =>
          `sealed before route was past the end of partition ${p}`)
  }

  #onEvent(record: LogRecord, partition: number, topic: string): void {
    if (headerText(record, 'marker') !== undefined) return
    this.#once(`event ${headerText(record, 'id')}`, `${topic}/${partition}`)
    this.#eventsIn[partition]!++
    this.events++
  }

  #onLetter(record: LogRecord): void {
    const id = headerText(record, 'id')!
    // A line of an object that is read again is the same letter under the same id; readers take one of an id.
    if (headerText(record, 'source') === undefined) this.#once(`dead letter ${id}`, 'dead-letters')
    else if (this.#ids.has(id)) return
    this.#ids.add(id)
    this.letters.push({ code: headerText(record, 'code')!, value: record.value!.toString() })
  }

  #onSeen(record: LogRecord, partition: number): void {
    const { position } = decodeRouteSeen(record.value!)
    require(position >= this.positions[partition]!, () => `route's position in ${partition} goes back to ${position}`)
    this.positions[partition] = position
  }

  /** The law: records below the position = markers + misplaced + events + duplicates + dead letters. */
  #onLedger(ledger: RouteLedger, partition: number): void {
    if (ledger.position === null) return
    const { next, records } = ledger.position
    const counted = ledger.markers + ledger.misplaced + sum(ledger.events) + ledger.duplicates + sum(ledger.deadLetters)
    const there = this.#xapi[partition]!.filter(offset => offset < next).length
    require(counted === records && there === records, () => `xapi/${partition} below ${next}: ${there} records, ${counted} outcomes`)
    // Topics are read before the ledger: events may be ahead of it by a transaction, never behind.
    const events = sum(ledger.events) + ledger.derived
    require(events <= this.#eventsIn[partition]!, () => `partition ${partition}: ${events} counted, ${this.#eventsIn[partition]} there`)
  }

  #readFiles(partition: number): void {
    const sink = this.sinks[partition]!
    const before = sink.live
    const read = this.#read('dataset-files', partition, record => {
      applySinkRecord(sink, record)
      if (record.value === null || !record.key!.toString().startsWith('F|')) return
      const { key, sha256 } = JSON.parse(record.value.toString()) as FileRecord
      require(this.objects.sha256(key) === sha256, () => `${key} is listed and is not there as listed`)
    })
    if (read === 0) return
    notBack(before, sink.live, partition)
    for (const [name, files] of sink.files) noOverlap(name, [...files.values()])
  }

  #once(id: string, where: string): void {
    require(!this.#ids.has(id), () => `${id} is twice in ${where}`)
    this.#ids.add(id)
  }
}

function notBack(before: LiveProgress, after: LiveProgress, partition: number): void {
  require(after.xapi >= before.xapi, () => `the sink's position in ${partition} goes back from ${before.xapi} to ${after.xapi}`)
  for (const topic of eventTopicIds)
    require((after.next[topic] ?? 0) >= (before.next[topic] ?? 0), () => `the sink's position in ${topic}/${partition} goes back`)
}

function noOverlap(name: string, files: readonly FileRecord[]): void {
  const sorted = [...files].sort((a, b) => (a.topic === b.topic ? a.firstOffset - b.firstOffset : a.topic < b.topic ? -1 : 1))
  for (const [i, file] of sorted.entries()) {
    const former = sorted[i - 1]
    require(former === undefined || former.topic !== file.topic || former.lastOffset < file.firstOffset, () =>
      `${name}: ${file.key} and ${former!.key} overlap`)
  }
}
