import { createHash } from 'node:crypto'
import { topicName } from '../../schemas/topics.js'
import type { DeepCounts, DeepTarget } from './deep-target.js'
import type { Findings } from './findings.js'
import { IdTable } from './id-table.js'
import { logEnds, readLog } from './read-log.js'
import { type SourceLine, splitLines } from './split-lines.js'

/** Which objects are looked at: all that the ledger has, or those of a bucket and prefix. */
export interface SourceChoice {
  readonly bucket: string | null
  readonly prefix: string
}

interface Published {
  readonly bucket: string
  readonly key: string
  readonly etag: string
  readonly blank: number
  readonly published: number
}

const atOnce = 8
const waiting = 0
const found = 1

/**
 * Every line that the ledger `sources` says was published, as a hash of its place and bytes (see `IdTable` for the memory), until the
 * record that holds it is met: in `xapi`, or of one over the limit in `dead-letters`.
 */
export class SourceLines {
  readonly #target: DeepTarget
  readonly #findings: Findings
  readonly #counts: DeepCounts
  readonly #table = new IdTable()
  readonly #objects = new Map<string, Published>()

  constructor(target: DeepTarget, findings: Findings, counts: DeepCounts) {
    this.#target = target
    this.#findings = findings
    this.#counts = counts
  }

  async read(choice: SourceChoice, onProgress: (text: string) => void): Promise<void> {
    const ledger = await this.#ledger(choice)
    await shared(ledger, async object => {
      onProgress(`source object ${this.#counts.objects + 1} of ${ledger.length}`)
      const name = `s3://${object.bucket}/${object.key}`
      let published = 0
      const end = await this.#eachLine(object, line => {
        this.#table.set(idOf(`${name}#${line.number}`, line.bytes, line.long), waiting)
        if (!line.long) published++
      })
      if (end === null) {
        this.#counts.changedObjects++
        return
      }
      this.#objects.set(name, object)
      this.#counts.objects++
      this.#counts.lines += published
      const said = `${object.published} published and ${object.blank} blank lines`
      if (published !== object.published || end.blank !== object.blank)
        this.#findings.add('source object', `${name} has ${published} statements and ${end.blank} blank lines, its ledger ${said}`)
    })
  }

  /** A record of `xapi` (`long` false), or a dead letter of a line that never came in. False = the object has no such line. */
  meet(source: string, bytes: Buffer, long: boolean): boolean {
    const id = idOf(source, bytes, long)
    const known = this.#table.get(id) !== undefined
    if (known) this.#table.set(id, found)
    return known || !this.#objects.has(source.slice(0, source.lastIndexOf('#')))
  }

  /** Reads again only the objects, and only when something is missing: places are not kept. */
  async reportMissing(): Promise<void> {
    let missing = false
    for (const [, state] of this.#table.entries()) missing ||= state === waiting
    if (!missing) return
    await shared([...this.#objects], async ([name, object]) => {
      await this.#eachLine(object, line => {
        const state = this.#table.get(idOf(`${name}#${line.number}`, line.bytes, line.long))
        if (state === waiting) this.#findings.add('line not in the log', `${name}#${line.number}`)
      })
    })
  }

  async #eachLine(object: Published, take: (line: SourceLine) => void): Promise<{ readonly blank: number } | null> {
    const stored = await this.#target.source(object.bucket, object.key, object.etag)
    if (stored === null) return null
    const lines = splitLines(stored, object.key.endsWith('.gz'), this.#target.maxStatementBytes)
    for (;;) {
      const { done, value } = await lines.next()
      if (done) return value
      take(value)
    }
  }

  async #ledger(choice: SourceChoice): Promise<Published[]> {
    const { wire, naming, partitions, xapiId } = this.#target
    const topic = topicName('sources', naming)
    const objects = new Map<string, Published>()
    for (let partition = 0; partition < partitions; partition++) {
      const { low, stable } = await logEnds(wire, topic, partition)
      for await (const { key, value } of readLog(wire, topic, partition, low, stable)) {
        const place = key?.toString() ?? ''
        const record = value === null ? {} : (JSON.parse(value.toString()) as Partial<Published> & { readonly topicId?: string })
        const bucket = place.slice(0, place.indexOf('/'))
        const name = place.slice(bucket.length + 1)
        const wanted = (choice.bucket ?? bucket) === bucket && name.startsWith(choice.prefix)
        const { etag, blank, published } = record
        if (etag !== undefined && blank !== undefined && published !== undefined && record.topicId === xapiId && wanted)
          objects.set(place, { bucket, key: name, etag, blank, published })
        else objects.delete(place)
      }
    }
    return [...objects.values()]
  }
}

const idOf = (place: string, bytes: Buffer, long: boolean) =>
  createHash('sha256')
    .update(`${long ? 'long' : 'whole'} ${place}\n`)
    .update(bytes)
    .digest()
    .subarray(0, 16)

/** Several at once: most of an object's time is waiting for its first byte. */
async function shared<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
