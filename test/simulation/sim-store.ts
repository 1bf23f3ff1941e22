import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Clock } from '../../runtime/clock.js'
import { memoryStore } from '../../runtime/memory/memory-store.js'
import type { ObjectInfo, ObjectStore } from '../../runtime/object-store.js'
import { patient } from '../../runtime/s3/patient.js'
import { s3Status, type Tally } from './faults.js'
import { require } from './require.js'
import type { Step } from './scheduler.js'

/** A client gives up after so long; an outage may last longer. */
const deadlineMs = 600

/** Told of every object that is written; `again`: there was one of this name. */
type Written = (key: string, body: Buffer, again: boolean) => void

/** The one object store of a simulated world, as the checks see it: at once and without a step. */
export class Objects {
  readonly store: ObjectStore
  readonly #held = new Map<string, { readonly body: Buffer; readonly sha256: string; rows: number }>()
  readonly #written: Written

  constructor(now: () => number, written: Written) {
    this.store = memoryStore(now)
    this.#written = written
  }

  get(key: string): Buffer | null {
    return this.#held.get(key)?.body ?? null
  }

  list(prefix: string, after: string): { readonly key: string; readonly size: number }[] {
    const keys = [...this.#held.keys()].filter(key => key.startsWith(prefix) && key > after).sort()
    return keys.map(key => ({ key, size: this.#held.get(key)!.body.length }))
  }

  sha256(key: string): string | null {
    return this.#held.get(key)?.sha256 ?? null
  }

  /** Of a CSV, its head not counted. */
  rows(key: string): number {
    const held = this.#held.get(key)!
    if (held.rows < 0) held.rows = rowsOf(held.body.toString('latin1')).length - 1
    return held.rows
  }

  wrote(key: string, body: Buffer): void {
    const sha256 = createHash('sha256').update(body).digest('hex')
    const again = this.#held.has(key)
    this.#held.set(key, { body, sha256, rows: -1 })
    this.#written(key, body, again)
  }
}

/** Rows with their line ends inside of quotes. */
export function rowsOf(csv: string): string[] {
  const rows: string[] = []
  let begin = 0
  let quoted = false
  for (let at = 0; at < csv.length; at++) {
    const code = csv.charCodeAt(at)
    if (code === 0x22) quoted = !quoted
    else if (code === 0x0a && !quoted) {
      rows.push(csv.slice(begin, at))
      begin = at + 1
    }
  }
  require(begin === csv.length, () => `a CSV ends in the middle of a row: ${csv.slice(begin)}`)
  return rows
}

/**
 * The store as one process has it: the retries of the real adapter over a server that fails before a request has its effect, or after
 * it, so that only the answer gets lost.
 */
export function simStore(objects: Objects, clock: Clock, step: Step, tally: Tally): ObjectStore {
  const { store } = objects
  const ask = patient(clock, deadlineMs)
  const asked = <T>(name: string, effect: () => Promise<T>, absent?: readonly number[]): Promise<T | null> =>
    ask(
      name,
      async () => {
        await step(`s3 ${name}.before`)
        const result = await effect()
        await step(`s3 ${name}.after`)
        return result
      },
      absent,
    )
  return {
    async *list(bucket, prefix, after) {
      const list = async () => {
        const found: ObjectInfo[] = []
        for await (const info of store.list(bucket, prefix, after)) found.push(info)
        return found
      }
      yield* (await asked('list', list))!
    },
    head: (bucket, key) => asked('head', () => store.head(bucket, key)),
    get: (bucket, key) => asked('get', () => store.get(bucket, key)),
    async stream(bucket, key, etag, from) {
      const whole = await asked('stream', () => store.stream(bucket, key, etag, from))
      return whole === null ? null : Readable.from(inTwo(whole, () => step('s3 body.after')))
    },
    async put(bucket, key, body, type) {
      await asked('put', async () => {
        await store.put(bucket, key, body, type)
        objects.wrote(key, body)
      })
    },
    async create(bucket, key, body, type) {
      const create = async () => {
        if (!(await store.create(bucket, key, body, type))) {
          tally.s3NameTaken++
          throw s3Status(412)
        }
        objects.wrote(key, body)
        return true
      }
      return (await asked('create', create, [412])) !== null
    },
    async replace(bucket, key, body, type, etag) {
      const replace = async () => {
        const now = await store.replace(bucket, key, body, type, etag)
        if (now === null) throw s3Status(412)
        objects.wrote(key, body)
        return now
      }
      return asked('replace', replace, [412])
    },
    async delete(bucket, keys) {
      await asked('delete', () => store.delete(bucket, keys))
    },
    browse: (bucket, prefix) => store.browse(bucket, prefix),
    openUploads: (bucket, prefix) => store.openUploads(bucket, prefix),
    abortUpload: (bucket, upload) => store.abortUpload(bucket, upload),
    async ensureBucket(bucket) {
      await asked('bucket', () => store.ensureBucket(bucket))
    },
  }
}

/** A body in two parts, between which the connection may break. */
async function* inTwo(whole: Readable, between: () => Promise<void>): AsyncGenerator<Buffer> {
  for await (const chunk of whole as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, chunk.length >> 1)
    await between()
    yield chunk.subarray(chunk.length >> 1)
  }
}
