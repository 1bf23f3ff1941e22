import { createHash } from 'node:crypto'
import { topicName } from '../../schemas/topics.js'
import type { DeepCounts, DeepTarget } from './deep-target.js'
import type { Findings } from './findings.js'
import { IdTable } from './id-table.js'
import { logEnds, readLog } from './read-log.js'
import { type SourceLine, type SplitEnd, splitLines } from './split-lines.js'

/** Which objects are looked at: all that the ledger has, or those of a bucket and prefix. */
export interface SourceChoice {
  readonly bucket: string | null
  readonly prefix: string
}

interface Published {
  readonly bucket: string
  readonly key: string
  readonly etag: string
  readonly lines: number
  readonly blank: number
  readonly published: number
  readonly refused: { readonly cut_off?: number }
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
  /** What could not be read to its end, and has no dead letter yet that says so. */
  readonly #broken = new Set<string>()

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
      if (end.broken) this.#broken.add(name)
      this.#counts.objects++
      this.#counts.lines += published
      // What cannot be read of an object counts as one line of it.
      const broken = end.broken ? 1 : 0
      const own = sumText(end.lines + broken, published, end.blank, broken)
      const said = sumText(object.lines, object.published, object.blank, object.refused.cut_off ?? 0)
      if (own !== said) this.#findings.add('source object', `${name} has ${own}, its ledger says ${said}`)
    })
  }

  /** A record of `xapi` (`long` false), or a dead letter of a line that never came in. False = the object has no such line. */
  meet(source: string, bytes: Buffer, long: boolean): boolean {
    const id = idOf(source, bytes, long)
    const known = this.#table.get(id) !== undefined
    if (known) this.#table.set(id, found)
    return known || !this.#objects.has(source.slice(0, source.lastIndexOf('#')))
  }

  /** A dead letter of an object that breaks. */
  meetBroken(source: string): void {
    this.#broken.delete(source.slice(0, source.lastIndexOf('#')))
  }

  /** Reads again only the objects, and only when something is missing: places are not kept. */
  async reportMissing(): Promise<void> {
    for (const name of this.#broken) this.#findings.add('source object', `${name} cannot be read to its end, and no dead letter says so`)
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

  async #eachLine(object: Published, take: (line: SourceLine) => void): Promise<SplitEnd | null> {
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
        const { etag, lines, blank, published, refused } = record
        const isObject = etag !== undefined && lines !== undefined && blank !== undefined && published !== undefined
        if (isObject && record.topicId === xapiId && wanted)
          objects.set(place, { bucket, key: name, etag, lines, blank, published, refused: refused ?? {} })
        else objects.delete(place)
      }
    }
    return [...objects.values()]
  }
}

const sumText = (lines: number, published: number, blank: number, broken: number) =>
  `${lines} lines, of them ${published} published, ${blank} blank and ${broken} where it breaks`

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
