import { TributaryError } from '../../schemas/errors.js'
import type { Appended, LeftOpen, PartitionBatch, TopicPartition, TransactionalWriter } from '../log.js'
import { BackOff } from './back-off.js'
import { code } from './broker-errors.js'
import { Coordinator } from './coordinator.js'
import { endingOf, endLeftOpen, findLeftOpen, isBeingEnded, refuseLeftOpen } from './left-open.js'
import { type DescribedTransaction, describeTransactionRequest } from './open-transaction-requests.js'
import { type ProduceSettings, produce } from './produce.js'
import type { Sequences } from './produce-queue.js'
import { refused } from './request-errors.js'
import { endTxnRequest, initProducerIdRequest, type ProducerGrant } from './transaction-requests.js'

/** Longer than any predecessor's transaction takes to be ended for us. */
const claimLimitMs = 60_000
const endLimitMs = 30_000

/**
 * A transactional producer is no more than these numbers, so many share one connection. Protocol 2: every ended
 * transaction gives a new epoch, and sequences start at 0 in each.
 */
export class KafkaTransactionalWriter implements TransactionalWriter {
  readonly transactionalId: string
  readonly #settings: ProduceSettings
  readonly #coordinator: Coordinator
  readonly #timeoutMs: number
  readonly #sequences: Sequences = new Map()
  #producerId: number
  #epoch: number
  #sent = false
  /** Set by any error: what the coordinator thinks is then unknown, and only `recover` asks. */
  #unknown = false
  #busy = false
  /** Where this id writes, once that was told. */
  #own: readonly TopicPartition[] = []
  /** Lost connections when nothing of ours was open in `#own` for certain. */
  #losses = 0
  /** How its last transactions ended, as far as the coordinator has said so and nothing was settled since. */
  readonly #endings = new Map<number, boolean>()

  private constructor(
    transactionalId: string,
    settings: ProduceSettings,
    coordinator: Coordinator,
    timeoutMs: number,
    grant: ProducerGrant,
  ) {
    this.transactionalId = transactionalId
    this.#settings = settings
    this.#coordinator = coordinator
    this.#timeoutMs = timeoutMs
    this.#producerId = grant.producerId
    this.#epoch = grant.epoch
  }

  static async claim(transactionalId: string, settings: ProduceSettings, timeoutMs: number): Promise<KafkaTransactionalWriter> {
    const coordinator = new Coordinator(settings.map, settings.connections, 'transaction', transactionalId)
    const before = await coordinator.insist(describeTransactionRequest(transactionalId), claimLimitMs)
    const grant = await coordinator.insist(initProducerIdRequest(transactionalId, timeoutMs), claimLimitMs)
    if (grant.error !== code.none) throw refused(`claiming ${transactionalId}`, grant.error)
    const writer = new KafkaTransactionalWriter(transactionalId, settings, coordinator, timeoutMs, grant)
    writer.#noteEnding(before)
    return writer
  }

  get producerId(): number {
    return this.#producerId
  }

  get epoch(): number {
    return this.#epoch
  }

  settle(own: readonly TopicPartition[]): Promise<readonly LeftOpen[]> {
    return this.#exclusively('settling', async () => {
      const losses = this.#settings.connections.losses
      const ended = await endLeftOpen(this.#search, own, this.#epoch, this.#endings)
      this.#own = own
      this.#losses = losses
      this.#endings.clear()
      return ended
    })
  }

  /**
   * A broker that died between a commit and its markers may have left the transaction open. The next one must not get there first: its own
   * marker would end both. While no connection was lost no broker can have died; else it is asked.
   */
  async requireSettled(): Promise<void> {
    const { losses } = this.#settings.connections
    if (losses === this.#losses || this.#own.length === 0) return
    const look = () => findLeftOpen(this.#search, this.#own, this.#epoch)
    await refuseLeftOpen(look, () => this.#untilEnded())
    this.#losses = losses
  }

  /** Until every marker of the transactions before is acknowledged, as far as the coordinator knows of it. */
  async #untilEnded(): Promise<void> {
    const backOff = new BackOff(claimLimitMs)
    for (;;) {
      const { state } = await this.#coordinator.insist(describeTransactionRequest(this.transactionalId), claimLimitMs)
      if (!isBeingEnded(state)) return
      if (backOff.expired) throw refused(`waiting for the last transaction of ${this.transactionalId} to end`, code.concurrentTransactions)
      await backOff.wait()
    }
  }

  send(batches: readonly PartitionBatch[]): Promise<readonly Appended[]> {
    return this.#exclusively('sending', async () => {
      if (!this.#sent) await this.requireSettled()
      // Before the request: a lost answer may have opened the transaction.
      if (batches.some(batch => batch.records.length > 0)) this.#sent = true
      const producer = { id: this.#producerId, epoch: this.#epoch, transactional: true }
      const as = {
        producer,
        transactionalId: this.transactionalId,
        sequences: this.#sequences,
        limitMs: this.#timeoutMs,
        beforeRepeat: () => this.requireSettled(),
      }
      return produce(this.#settings, as, batches)
    })
  }

  commit(): Promise<void> {
    return this.#exclusively('committing', () => this.#end(true))
  }

  abort(): Promise<void> {
    return this.#exclusively('aborting', () => this.#end(false))
  }

  async recover(): Promise<void> {
    this.#unknown = true
    const own = { producerId: this.#producerId, epoch: this.#epoch }
    // Before anything that changes what the coordinator knows of the last transaction.
    this.#noteEnding(await this.#coordinator.insist(describeTransactionRequest(this.transactionalId), claimLimitMs))
    // 1 Abort under the own epoch. An outdated one is refused here without effect; InitProducerId alone would end the open
    //   transaction of the rightful owner before it refuses (measured). Any other answer decides nothing.
    const probe = await this.#coordinator.insist(endTxnRequest(this.transactionalId, own.producerId, own.epoch, false), endLimitMs)
    this.#refuseIfFenced(probe)
    // 2 Ask with the numbers from before the abort: a new owner without an open transaction shows only here.
    const grant = await this.#coordinator.insist(initProducerIdRequest(this.transactionalId, this.#timeoutMs, own), claimLimitMs)
    this.#refuseIfFenced(grant)
    if (grant.error !== code.none) throw refused(`recovering ${this.transactionalId}`, grant.error)
    this.#begin(grant)
    this.#unknown = false
  }

  #refuseIfFenced({ error }: ProducerGrant): void {
    const fenced = error === code.producerFenced || error === code.invalidProducerEpoch || error === code.invalidProducerIdMapping
    if (fenced) throw new TributaryError('FENCED', `recovering ${this.transactionalId}`)
  }

  /** The transaction, if one is open, ends by its time-out or by the next claim: a leaving owner aborts before. */
  async close(): Promise<void> {
    this.#unknown = true
  }

  async #end(commit: boolean): Promise<void> {
    if (!this.#sent) return
    // Repeating is safe: the same end of the same transaction answers the same, and a later transaction has another epoch.
    const answer = await this.#coordinator.insist(endTxnRequest(this.transactionalId, this.#producerId, this.#epoch, commit), endLimitMs)
    if (answer.error !== code.none) throw refused(`${commit ? 'committing' : 'aborting'} ${this.transactionalId}`, answer.error)
    // Only the last: the next transaction cannot begin before the coordinator has done with this one.
    this.#endings.clear()
    this.#endings.set(this.#epoch, commit)
    this.#begin(answer)
  }

  get #search() {
    return { map: this.#settings.map, connections: this.#settings.connections, producerId: this.#producerId }
  }

  #noteEnding(before: DescribedTransaction): void {
    const ending = before.producerId === this.#producerId ? endingOf(before) : null
    if (ending !== null) this.#endings.set(...ending)
  }

  #begin(grant: ProducerGrant): void {
    this.#producerId = grant.producerId
    this.#epoch = grant.epoch
    this.#sequences.clear()
    this.#sent = false
  }

  async #exclusively<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#unknown || this.#busy) {
      const why = this.#busy ? 'a call before it is still under way' : 'after an error, recover comes first'
      throw new TributaryError('KAFKA_REQUEST', `${doing} as ${this.transactionalId}: ${why}`)
    }
    this.#busy = true
    try {
      return await work()
    } catch (error) {
      this.#unknown = true
      throw error
    } finally {
      this.#busy = false
    }
  }
}
