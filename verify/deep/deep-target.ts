import type { Naming } from '../../schemas/topics.js'
import type { Wire } from './wire.js'

/** What the deep checker is lent: bytes of brokers, registry and objects. It reads all of them by itself. */
export interface DeepTarget {
  readonly wire: Wire
  readonly naming: Naming
  readonly partitions: number
  /** Of the topic `xapi`: lines that were published to another are not in this one. */
  readonly xapiId: string
  /** Of the topic `dataset-files`: a manifest that was made from another one is from before a reset. */
  readonly filesId: string
  /** Longer lines never enter `xapi`. */
  readonly maxStatementBytes: number
  /** Null = not at hand: then pseudonyms are not compared. */
  readonly pseudonymKey: string | null
  /** Text of an Avro schema. */
  schema(id: number): Promise<string | null>
  /** An object of the datasets. */
  object(key: string): Promise<Buffer | null>
  /** The stored bytes of a source object, while it has this etag. */
  source(bucket: string, key: string, etag: string): Promise<AsyncIterable<Buffer> | null>
}

/** What was looked at. */
export interface DeepCounts {
  /** Source objects, those that changed since they were read (not compared), and their statements. */
  objects: number
  changedObjects: number
  lines: number
  /** `xapi` records below route's position. */
  records: number
  events: number
  deadLetters: number
  /** Of learners and sessions. */
  states: number
  datasets: number
  /** Datasets that are not published, whose spec is not in the log any more, or that a reset has not published anew yet. */
  skippedDatasets: number
  /** Rows compared with their events, and how many of them without the person (no pseudonym key at hand). */
  rows: number
  rowsWithoutPerson: number
}
