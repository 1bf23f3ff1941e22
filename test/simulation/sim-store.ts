import { createHash } from 'node:crypto'
import { memoryStore } from '../../runtime/memory/memory-store.js'
import type { ObjectStore } from '../../runtime/object-store.js'
import type { Step } from './scheduler.js'

/** The one object store of a simulated world, as the checks see it: at once and without a step. */
export class Objects {
  readonly store: ObjectStore
  readonly #held = new Map<string, { readonly body: Buffer; readonly sha256: string }>()
  readonly #written: (key: string, body: Buffer) => void

  constructor(now: () => number, written: (key: string, body: Buffer) => void) {
    this.store = memoryStore(now)
    this.#written = written
  }

  get(key: string): Buffer | null {
    return this.#held.get(key)?.body ?? null
  }

  sha256(key: string): string | null {
    return this.#held.get(key)?.sha256 ?? null
  }

  wrote(key: string, body: Buffer): void {
    this.#held.set(key, { body, sha256: createHash('sha256').update(body).digest('hex') })
    this.#written(key, body)
  }
}

/** The store as one process has it: each effect between two steps, at which it fails, or only its answer gets lost. */
export function simStore(objects: Objects, step: Step, taken: () => boolean): ObjectStore {
  const { store } = objects
  const around = async <T>(name: string, effect: () => Promise<T>): Promise<T> => {
    await step(`s3 ${name}.before`)
    const result = await effect()
    await step(`s3 ${name}.after`)
    return result
  }
  return {
    list: (bucket, prefix) => store.list(bucket, prefix),
    head: (bucket, key) => around('head', () => store.head(bucket, key)),
    get: (bucket, key) => around('get', () => store.get(bucket, key)),
    stream: (bucket, key, etag, from) => store.stream(bucket, key, etag, from),
    put: (bucket, key, body, type) =>
      around('put', async () => {
        await store.put(bucket, key, body, type)
        objects.wrote(key, body)
      }),
    create: (bucket, key, body, type) =>
      around('create', async () => {
        const created = await store.create(bucket, key, body, type)
        if (created) objects.wrote(key, body)
        return created && !taken()
      }),
    replace: (bucket, key, body, type, etag) =>
      around('replace', async () => {
        const now = await store.replace(bucket, key, body, type, etag)
        if (now !== null) objects.wrote(key, body)
        return now
      }),
    delete: (bucket, keys) => around('delete', () => store.delete(bucket, keys)),
    ensureBucket: bucket => store.ensureBucket(bucket),
  }
}
