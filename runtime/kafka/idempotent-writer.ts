import type { Appended, LogWriter, PartitionBatch } from '../log.js'
import { BackOff } from './back-off.js'
import { code, isCoordinatorBusy } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type ProduceSettings, produce } from './produce.js'
import type { Sequences } from './produce-queue.js'
import type { BatchProducer } from './record-batch-encoder.js'
import { refused } from './request-errors.js'
import { initProducerIdRequest } from './transaction-requests.js'

const limitMs = 30_000

/** A producer id with what was numbered under it. */
interface Session {
  readonly producer: BatchProducer
  readonly sequences: Sequences
}

/** Repeats with the same sequences until acknowledged. After a failed `send` its records may be in the log or not. */
export class IdempotentWriter implements LogWriter {
  readonly #settings: ProduceSettings
  /** Undefined after an error: which numbers the broker has seen is not known any more, and the next send starts as a new producer. */
  #session: Promise<Session> | undefined
  /** The last send to each partition. */
  readonly #last = new Map<string, Promise<unknown>>()

  private constructor(settings: ProduceSettings) {
    this.#settings = settings
  }

  static async open(settings: ProduceSettings): Promise<IdempotentWriter> {
    const writer = new IdempotentWriter(settings)
    await writer.#open()
    return writer
  }

  /** One after the other for each partition: sequence numbers must reach its leader in order. A partition without one holds up no other. */
  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    const places = [...new Set(batches.map(({ topic, partition }) => `${topic}/${partition}`))]
    const before = Promise.all(places.map(place => this.#last.get(place)))
    const sent = before.then(() => this.#send(batches))
    const over = sent.then(
      () => undefined,
      () => undefined,
    )
    for (const place of places) this.#last.set(place, over)
    return sent
  }

  async close(): Promise<void> {
    await Promise.all(this.#last.values())
  }

  async #send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    const opened = this.#open()
    try {
      const { producer, sequences } = await opened
      return await produce(this.#settings, { producer, transactionalId: null, sequences, limitMs }, batches)
    } catch (error) {
      // Sends under way to other partitions go on with the numbers that they have.
      if (this.#session === opened) this.#session = undefined
      throw error
    }
  }

  #open(): Promise<Session> {
    this.#session ??= newProducer(this.#settings.map).then(producer => ({ producer, sequences: new Map() }))
    return this.#session
  }
}

async function newProducer(map: ClusterMap): Promise<BatchProducer> {
  const backOff = new BackOff(limitMs)
  for (;;) {
    const grant = await map.sendToAny(initProducerIdRequest(null, 0), limitMs)
    if (grant.error === code.none) return { id: grant.producerId, epoch: grant.epoch, transactional: false }
    if (!isCoordinatorBusy(grant.error) || backOff.expired) throw refused('asking for a producer id', grant.error)
    await backOff.wait()
  }
}
