import { addObject } from '../../producers/object-counts.js'
import type { PlannedObject } from '../../producers/source.js'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { objectKeyOf } from '../../schemas/sources.js'
import type { Fault } from '../fault.js'
import type { Services } from '../services.js'
import { makeObjectReader, type ObjectReader, type Reading } from '../sources/object-reader.js'
import type { KnownObjects } from './known-objects.js'
import type { Tally } from './tally.js'

/** `read`: it is in the ledger now. `done`: it was before. `gone`, `changing`: as in a backfill. `refused`: the store does not give it. */
export type ReadOutcome = 'read' | 'done' | 'gone' | 'changing' | 'refused'

/** Objects read at once: a large one leaves room for the others. */
const readers = 4
/** So many may wait before those who find them have to. */
const most = 200

interface Job {
  readonly object: PlannedObject
  resolve(outcome: ReadOutcome): void
  reject(error: unknown): void
}

export interface PoolDeps {
  readonly services: Services
  readonly reading: Omit<Reading, 'pace'>
  readonly known: KnownObjects
  readonly tally: Tally
  readonly fault: Fault
  /** An object is in the ledger. */
  entered(object: PlannedObject): void
}

/** Reads what is found, several objects at once, until its signal or until something breaks; then whoever waits for an object is told. */
export class ReadingPool {
  /** Rejects with what broke the pool; the signal is no break. */
  readonly failed: Promise<never>
  readonly #deps: PoolDeps
  readonly #reader: ObjectReader
  readonly #queue: Job[] = []
  readonly #open = new Set<Job>()
  readonly #lastOfKey = new Map<string, Promise<ReadOutcome>>()
  readonly #waiters: (() => void)[] = []
  #over: { readonly why: unknown } | null = null
  #fail: (error: unknown) => void = () => undefined
  readonly #working: Promise<unknown>

  constructor(deps: PoolDeps) {
    this.#deps = deps
    this.#reader = makeObjectReader(deps.services, { ...deps.reading, pace: async () => undefined })
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => undefined)
    const { signal } = deps.reading
    const stopped = () => this.#end(new TributaryError('INCOMPLETE', 'following was stopped'))
    // Told to end while it was looked up where the follow was: no event of that comes any more.
    if (signal.aborted) stopped()
    else signal.addEventListener('abort', stopped, { once: true })
    this.#working = Promise.all(Array.from({ length: readers }, () => this.#read()))
  }

  get waiting(): number {
    return this.#open.size
  }

  /** Upload time of the oldest object that waits, ms; null = none. */
  get oldest(): number | null {
    let oldest: number | null = null
    for (const { object } of this.#open) oldest = Math.min(oldest ?? object.uploaded, object.uploaded)
    return oldest
  }

  /**
   * Resolves when the object is in the ledger, or says why not. Two versions of one key are read one after the other: so the ledger
   * has the later one, and what is found twice is read once.
   */
  read(object: PlannedObject): Promise<ReadOutcome> {
    const key = objectKeyOf(object)
    const before = this.#lastOfKey.get(key)
    const outcome = before === undefined ? this.#add(object) : before.then(() => this.#add(object))
    this.#lastOfKey.set(key, outcome)
    const forget = () => {
      if (this.#lastOfKey.get(key) === outcome) this.#lastOfKey.delete(key)
    }
    outcome.then(forget, forget)
    return outcome
  }

  /** Resolves when there is room for more; throws why there never will be. */
  async room(): Promise<void> {
    while (this.#over === null && this.#open.size >= most) await this.#change()
    if (this.#over !== null) throw this.#over.why
  }

  /** What was found is not there any more. */
  missed(bucket: string, key: string): void {
    this.#deps.tally.gone++
    this.#deps.reading.note(`s3://${bucket}/${key} is gone`)
  }

  /** After the signal or a failure: resolves when nothing is read any more, and what was read to its end is in the ledger if it can be. */
  async ended(): Promise<void> {
    await this.#working
    await this.#deps.reading.sender.drain().catch(() => undefined)
    for (const job of this.#open) job.reject(this.#over!.why)
    this.#open.clear()
  }

  #add(object: PlannedObject): Promise<ReadOutcome> {
    if (this.#over !== null) return Promise.reject(this.#over.why)
    if (this.#deps.known.has(object)) return Promise.resolve('done')
    return new Promise((resolve, reject) => {
      const job: Job = { object, resolve, reject }
      this.#open.add(job)
      this.#queue.push(job)
      this.#changed()
    })
  }

  async #read(): Promise<void> {
    while (this.#over === null) {
      const job = this.#queue.shift()
      if (job === undefined) await this.#change()
      else
        try {
          await this.#readOne(job)
          // Nobody is behind this one: what is read goes out. Else the readers fill larger requests.
          if (this.#queue.length === 0) await this.#deps.reading.sender.flush()
        } catch (error) {
          this.#fail(error)
          this.#end(error)
        }
    }
  }

  async #readOne(job: Job): Promise<void> {
    const { reading, known, tally, fault, entered } = this.#deps
    const { object } = job
    try {
      const end = await this.#reader.read(object, async (version, counts) => {
        known.add(version)
        tally.counts = addObject(tally.counts, version.size, counts)
        await fault('follow.afterLedger')
        entered(version)
        this.#close(job, 'read')
      })
      if (end === 'sent') return
      if (end === 'gone') this.missed(object.bucket, object.key)
      else reading.note(`s3://${object.bucket}/${object.key} keeps changing while it is read`)
      this.#close(job, end)
    } catch (error) {
      if (!isTributaryError(error, 'S3_REFUSED', 'S3_BUCKET_MISSING')) throw error
      tally.left++
      reading.note(`${error.message} It is left for now.`)
      this.#close(job, 'refused')
    }
  }

  #close(job: Job, outcome: ReadOutcome): void {
    this.#open.delete(job)
    job.resolve(outcome)
    this.#changed()
  }

  #end(why: unknown): void {
    this.#over ??= { why }
    this.#changed()
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#waiters.push(resolve))
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }
}
