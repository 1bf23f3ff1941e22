import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { headerText, type LogRecord } from '../../runtime/log.js'
import type { Codec } from '../../runtime/registry/codec.js'
import { partitionOf } from '../../schemas/partition.js'
import { type RouteLedger, routeLedgerKey } from '../../schemas/route-ledger.js'
import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { type EventTopicId, eventTopicIds } from '../../schemas/topics.js'
import type { Tally } from './faults.js'
import { require } from './require.js'

/** An `xapi` record, with what has to become of it. */
interface Told {
  readonly offset: number
  readonly text: string
  readonly isMarker: boolean
  /** By the broker's clock, ms. */
  readonly time: number
  /** Where its learner belongs; null = nobody can read it. */
  readonly home: number | null
}

export interface SeenEvent {
  readonly topic: EventTopicId
  readonly partition: number
  readonly offset: number
  readonly text: string
  /** In `xapi`. */
  readonly src: number
  readonly id: string
  readonly value: Buffer
}

interface Books {
  markers: number
  misplaced: number
  events: number
  duplicates: number
  letters: number
}

const sum = (counts: object) => Object.values(counts).reduce((a: number, b: unknown) => a + (b as number), 0)
const at = (partition: number, offset: number) => `${partition}/${offset}`

/** The same texts are told in every world. */
const homes = new Map<string, number | null>()
export function homeOf(text: string, partitions: number): number | null {
  let home = homes.get(text)
  if (home === undefined) {
    home = isStatement(text) ? partitionOf(Buffer.from(scanLearnerKey(Buffer.from(text, 'latin1'))!), partitions) : null
    homes.set(text, home)
  }
  return home
}

function isStatement(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { actor?: { account?: unknown } }).actor?.account === 'object'
  } catch {
    return false
  }
}

/**
 * What became of every `xapi` record, by itself and without the books: a marker went to all event topics, a misplaced record lies where
 * it belongs, a statement is an event or a repeat of one, and what nobody can read is a dead letter. One of these, once, as soon as
 * route's position has passed it; and the books say the same.
 */
export class WatchRoute {
  /** By statement. */
  readonly facts = new Map<string, SeenEvent>()
  readonly letters = new Map<string, string>()
  readonly ledgers = new Map<string, RouteLedger>()
  readonly positions: number[]
  /** Packed ids that were seen, of each partition. */
  readonly seen: readonly Set<string>[]
  readonly #partitions: number
  readonly #codec: Codec
  readonly #tally: Tally
  readonly #told: readonly Told[][]
  readonly #passed: number[]
  readonly #books: readonly Books[]
  readonly #lists: ReadonlyMap<EventTopicId, readonly SeenEvent[][]>
  readonly #markers: ReadonlyMap<EventTopicId, number[]>
  /** `partition/offset` of what is a dead letter, and of what was moved. */
  readonly #refused: readonly Set<string>[]
  readonly #moved = new Set<string>()

  constructor(partitions: number, codec: Codec, tally: Tally) {
    const each = <T>(make: () => T) => Array.from({ length: partitions }, make)
    this.#partitions = partitions
    this.#codec = codec
    this.#tally = tally
    this.positions = each(() => 0)
    this.seen = each(() => new Set())
    this.#told = each(() => [])
    this.#passed = each(() => 0)
    this.#books = each(() => ({ markers: 0, misplaced: 0, events: 0, duplicates: 0, letters: 0 }))
    this.#lists = new Map(eventTopicIds.map(topic => [topic, each(() => [])]))
    this.#markers = new Map(eventTopicIds.map(topic => [topic, each(() => 0)]))
    this.#refused = each(() => new Set())
  }

  events(topic: EventTopicId, partition: number): readonly SeenEvent[] {
    return this.#lists.get(topic)![partition]!
  }

  /** Offset of the last record that entered before this time; -1 = none did. */
  toldBefore(partition: number, time: number): number {
    return this.#told[partition]!.findLast(told => told.time < time)?.offset ?? -1
  }

  /** Append time of the first record at or behind an offset; null = there is none. */
  firstAt(partition: number, offset: number): number | null {
    return this.#told[partition]!.find(told => told.offset >= offset)?.time ?? null
  }

  onXapi(record: LogRecord, partition: number): void {
    const text = record.value!.toString('latin1')
    const isMarker = headerText(record, 'marker') !== undefined
    const home = isMarker ? partition : homeOf(text, this.#partitions)
    this.#told[partition]!.push({ offset: record.offset, text, isMarker, time: record.timestamp, home })
    const placed = headerText(record, 'placed')
    if (placed !== undefined) this.#moved.add(placed)
  }

  onEvent(record: LogRecord, partition: number, topic: EventTopicId): void {
    if (headerText(record, 'marker') !== undefined) {
      const marker = this.#codec.decodeMarker(record.value!)
      require(marker.partition === partition, () => `${topic}/${partition} has a marker of another partition`)
      this.#markers.get(topic)![partition]!++
      return
    }
    const [from, src] = headerText(record, 'src')!.split('/').map(Number) as [number, number]
    const told = this.#told[partition]!.find(({ offset }) => offset === src)
    require(from === partition && told !== undefined, () => `an event of ${topic}/${partition} comes from ${from}/${src}`)
    const { text } = told
    const former = this.facts.get(text)
    require(former === undefined, () => `one fact is twice in ${topic}/${partition}: from ${former!.src} and from ${src}`)
    const id = headerText(record, 'id')!
    const event = { topic, partition, offset: record.offset, text, src, id, value: record.value! }
    this.facts.set(text, event)
    this.#lists.get(topic)![partition]!.push(event)
  }

  onLetter(record: LogRecord, partition: number): void {
    const id = headerText(record, 'id')!
    const letter = `${headerText(record, 'code')} ${record.value}`
    // A line of an object that is read again is the same letter under the same id.
    const former = this.letters.get(id)
    require(former === undefined || former === letter, () => `dead letter ${id} is "${former}" and "${letter}"`)
    this.letters.set(id, letter)
    this.#tally.deadLetter++
    const offset = headerText(record, 'offset')
    if (offset === undefined) return
    const src = at(Number(headerText(record, 'partition')), Number(offset))
    require(!this.#refused[partition]!.has(src), () => `${src} is refused twice in partition ${partition}`)
    this.#refused[partition]!.add(src)
  }

  onSeen(record: LogRecord, partition: number): void {
    const { position, keys } = decodeRouteSeen(record.value!)
    require(position >= this.positions[partition]!, () => `route's position in ${partition} goes back to ${position}`)
    this.positions[partition] = position
    for (const key of keys) this.seen[partition]!.add(key.toString('latin1'))
    const told = this.#told[partition]!
    for (let next = this.#passed[partition]!; next < told.length && told[next]!.offset < position; next++) {
      this.#account(told[next]!, partition)
      this.#passed[partition] = next + 1
    }
    this.#nothingElse(partition)
  }

  onLedger(record: LogRecord, partition: number): void {
    const ledger = this.#codec.decodeLedger(record.value!)
    this.ledgers.set(routeLedgerKey(ledger), ledger)
    if (ledger.position === null) return
    const { markers, misplaced, duplicates, position } = ledger
    const books = { markers, misplaced, events: sum(ledger.events), duplicates, letters: sum(ledger.deadLetters) }
    const told = [position.next, position.records, JSON.stringify(books)]
    const seen = [this.positions[partition], this.#passed[partition], JSON.stringify(this.#books[partition])]
    require(told.join() === seen.join(), () => `the books of partition ${partition} say ${told}, and there is ${seen}`)
  }

  /** Exactly one outcome, by what lies in the topics. */
  #account({ offset, text, isMarker, home }: Told, partition: number): void {
    const books = this.#books[partition]!
    const src = at(partition, offset)
    if (isMarker) books.markers++
    else if (home === null) {
      require(this.#refused[partition]!.has(src), () => `xapi/${src} cannot be read, and is no dead letter`)
      books.letters++
    } else if (home !== partition) {
      require(this.#moved.has(src), () => `xapi/${src} belongs in ${home}, was passed, and is not there`)
      books.misplaced++
      this.#tally.misplaced++
    } else {
      const fact = this.facts.get(text)
      require(fact !== undefined && fact.partition === partition && fact.src <= offset, () => `xapi/${src} was passed, and is no event`)
      if (fact.src === offset) books.events++
      else {
        books.duplicates++
        this.#tally.duplicate++
      }
    }
  }

  /** No outcome of anything that was not passed, or that has another. */
  #nothingElse(partition: number): void {
    const { markers, events, letters } = this.#books[partition]!
    let there = 0
    for (const topic of eventTopicIds) {
      there += this.events(topic, partition).length
      const copies = this.#markers.get(topic)![partition]!
      require(copies === markers, () => `${topic}/${partition} has ${copies} of ${markers} markers`)
    }
    require(there === events, () => `partition ${partition} has ${there} events of ${events} records`)
    const refused = this.#refused[partition]!.size
    require(refused === letters, () => `partition ${partition} has ${refused} dead letters of ${letters} records`)
  }
}
