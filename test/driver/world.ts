import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../../config.js'
import { backfill } from '../../runtime/backfill/backfill.js'
import type { BackfillEvents, BackfillRequest, BackfillSum } from '../../runtime/backfill/request.js'
import { applyDataset } from '../../runtime/datasets/apply.js'
import { waitForDataset } from '../../runtime/datasets/wait.js'
import type { Fault } from '../../runtime/fault.js'
import type { ObjectStore } from '../../runtime/object-store.js'
import type { Services } from '../../runtime/services.js'
import { prepareTopics } from '../../runtime/topics-admin.js'
import { verifyTarget } from '../../runtime/verify-target.js'
import type { Manifest } from '../../schemas/manifest.js'
import { topology } from '../../topology.js'
import { type Verdict, verify } from '../../verify/verify.js'
import { dump } from './dump.js'
import { listening } from './listening.js'
import type { StoredObject } from './objects.js'
import { slowdown } from './slow-machine.js'

/** Servers with names of its own on them: topics, buckets, state. Everything is closed and deleted after the test. */
export interface World {
  readonly services: Services
  /** Clients of their own on the same world, as another process has them. */
  open(name: string): Services
  /** The environment that gives a process the same world. */
  readonly env: Readonly<Record<string, string>>
  /** Bucket of the history. */
  readonly bucket: string
  readonly folder: string
  /** What roles in this process said, and who ended; a failed wait shows the tail. */
  readonly said: string[]
  /** Text from elsewhere that a failed wait shows, e.g. the log of a process. */
  readonly shown: (() => string)[]
  /** Run in reverse order before the folder goes. */
  atEnd(cleanup: () => Promise<void>): void
  put(objects: readonly StoredObject[]): Promise<void>
  apply(spec: Readonly<Record<string, unknown>>, options?: { readonly newRevision?: boolean }): Promise<number>
  backfill(request?: Partial<BackfillRequest>, options?: BackfillOptions): Promise<BackfillSum>
  /** The dataset contains everything that is in `xapi` now. */
  complete(dataset: string, seconds?: number): Promise<Manifest>
  verify(): Promise<Verdict>
}

export interface BackfillOptions {
  readonly wait?: boolean
  readonly timeoutMs?: number | null
  readonly fault?: Fault
  readonly signal?: AbortSignal
  readonly events?: Partial<BackfillEvents>
  /** Between the backfill and the source bucket. */
  readonly store?: (store: ObjectStore) => ObjectStore
}

const worlds: (() => Promise<void>)[] = []
let made = 0

afterEach(async () => {
  for (const close of worlds.splice(0).reverse()) await close()
})

export type OpenServices = (config: Config, name: string) => Services

/** A world over the servers that `open` reaches; `env` has what is special to it. */
export async function assembleWorld(env: Readonly<Record<string, string>>, openServices: OpenServices): Promise<World> {
  const name = `w${process.pid}-${Date.now().toString(36)}-${made++}`
  const folder = mkdtempSync(join(tmpdir(), 'tributary-world-'))
  const whole = {
    TOPIC_PREFIX: `${name}.`,
    DATASETS_BUCKET: `datasets-${name}`,
    TRIBUTARY_DATA_DIR: folder,
    PSEUDONYM_KEY: 'the same key in all worlds',
    COMMIT_MS: '200',
    ...env,
  }
  const said: string[] = []
  const config = readConfig(whole)
  const open = (who: string): Services => ({ ...openServices(config, who), logger: listening(said, { who }) })
  const services = open('test')
  const bucket = `history-${name}`
  const cleanups: (() => Promise<void>)[] = [() => services.close()]
  worlds.push(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  await services.store.ensureBucket(bucket)
  await prepareTopics(services)

  const world: World = {
    services,
    open,
    env: whole,
    bucket,
    folder,
    said,
    shown: [],
    atEnd: cleanup => void cleanups.push(cleanup),
    async put(objects) {
      for (let i = 0; i < objects.length; i += 16)
        await Promise.all(objects.slice(i, i + 16).map(({ key, body }) => services.store.put(bucket, key, body, 'application/x-ndjson')))
    },
    async apply(spec, options = {}) {
      const document = { anonymize: 'ids', freshness: 1, ...spec }
      const { revision } = await applyDataset(services, topology.formats, document, { dryRun: false, ...options })
      return revision!
    },
    backfill(
      request = {},
      {
        wait = true,
        timeoutMs = null,
        fault,
        signal = new AbortController().signal,
        events = {},
        store = (same: ObjectStore) => same,
      } = {},
    ) {
      const whole = {
        bucket,
        sections: [],
        prefix: '',
        categories: [],
        since: null,
        until: null,
        limitRate: null,
        again: false,
        ...request,
      }
      const heard = { planned: () => undefined, progress: () => undefined, note: () => undefined, ...events }
      return shown(
        world,
        backfill(
          { ...services, store: store(services.store) },
          topology.sources,
          whole,
          { wait: wait ? { timeoutMs } : null, ...(fault ? { fault } : {}) },
          heard,
          signal,
        ),
      )
    },
    complete: (dataset, seconds = 60) =>
      shown(
        world,
        waitForDataset(services, dataset, { backfill: null, timeoutMs: seconds * 1000 }, new AbortController().signal, () => undefined),
      ),
    async verify() {
      const target = await verifyTarget(services)
      return verify(target, () => undefined).finally(() => target.close())
    },
  }
  return world
}

/** A failure comes with the state of the world. */
async function shown<T>(world: World, work: Promise<T>): Promise<T> {
  const limit = new AbortController()
  // Waiting for processors that died never ends by itself; jest's own time limit would show nothing.
  const late = new Promise<never>((_, reject) => {
    const began = Date.now()
    const timer = setInterval(() => {
      if (Date.now() - began > 100_000 * slowdown()) reject(new Error('it took longer than 100 s of a quiet machine'))
    }, 1000)
    limit.signal.addEventListener('abort', () => clearInterval(timer))
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    const { message, code, stack } = error as { message: string; code?: string; stack?: string }
    throw Object.assign(new Error(`${message}\n${await dump(world)}\n${stack}`), { code })
  } finally {
    limit.abort()
  }
}
