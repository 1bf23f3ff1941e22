import { TributaryError } from '../../schemas/errors.js'
import { type Manifest, parseManifest } from '../../schemas/manifest.js'
import { indexPage } from '../../sinks/index-page.js'
import { manifestText } from '../../sinks/manifest.js'
import type { NewList } from '../../sinks/manifest-lists.js'
import { indexKey, manifestKey, manifestVersionKey } from '../../sinks/naming.js'
import type { Clock } from '../clock.js'
import type { Fault } from '../fault.js'
import type { ObjectStore } from '../object-store.js'
import { noPins, readPagePins } from './page-pins.js'

const json = 'application/json'
const html = 'text/html; charset=utf-8'
const indexEveryMs = 60_000
const repairEveryMs = 60_000

/** The manifest objects of one dataset, as this publisher knows them. */
export interface Published {
  /** The newest numbered manifest; null = none yet. */
  readonly newest: Manifest | null
  /** The number that follows all that are taken, also by versions that were cleared. */
  readonly next: number
  /** Writes the next version. False = another publisher took the number first: `newest` is theirs now. */
  write(manifest: Manifest, lists: readonly NewList[]): Promise<boolean>
  /** Once a minute: makes `manifest.json` equal to the newest number and finishes what a crash left. */
  tend(): Promise<void>
}

export interface PublishStore {
  readonly store: ObjectStore
  readonly bucket: string
  readonly clock: Clock
  readonly fault: Fault
}

/** `cleared`: `gc` has emptied the version. Its number stays taken. */
async function readVersion({ store, bucket }: PublishStore, key: string): Promise<Manifest | 'cleared' | null> {
  const body = await store.get(bucket, key)
  if (body === null) return null
  if (body.length === 0) return 'cleared'
  const parsed = parseManifest(body.toString())
  if (!parsed.ok) throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${key}: ${parsed.problem}`)
  return parsed.manifest
}

/**
 * Numbers are the truth, `manifest.json` is a copy: 1 create the lists of files that it names and that are new, if any 2 create
 * `manifests/<n+1>.json`, only if the number is free 3 replace `manifest.json` 4 at most once a minute, and at once for another revision, replace
 * `index.html`, also when a version was pinned or withdrawn. A crash between 1 and 2 leaves lists that nothing names, for `gc`; between 2 and 3 an older
 * copy, which the next owner or `tend` renews. 3 and 4 replace only what this publisher has seen: one that slept in between, and wakes up late, would else
 * put the copy back.
 */
export async function openPublished(target: PublishStore, dataset: string): Promise<Published> {
  const { store, bucket, clock, fault } = target
  let newest: Manifest | null = null
  let next = 1
  let shown: { readonly version: number; readonly etag: string | null } = { version: -1, etag: null }
  let pagePins = noPins
  let page = {
    version: -1,
    revision: -1,
    pins: '',
    at: Number.NEGATIVE_INFINITY,
    etag: (await store.head(bucket, indexKey(dataset)))?.etag ?? null,
  }
  let tended = Number.NEGATIVE_INFINITY

  /** Beyond the copy there may be newer numbers. */
  async function findNewest(): Promise<void> {
    for (; ; next++) {
      const found = await readVersion(target, manifestVersionKey(dataset, next))
      if (found === null) return
      if (found !== 'cleared') newest = found
    }
  }

  /** What the copy is now. The etag first: should the copy change in between, it will not be replaced in error. */
  async function look(): Promise<void> {
    const etag = (await store.head(bucket, manifestKey(dataset)))?.etag ?? null
    // A copy that is empty or damaged says as much as none: the numbers are asked, and it is written again.
    const body = await store.get(bucket, manifestKey(dataset))
    const parsed = body === null ? null : parseManifest(body.toString())
    if (parsed === null || !parsed.ok) shown = { version: -1, etag }
    else {
      const copy = parsed.manifest
      shown = { version: copy.version, etag }
      if (copy.version >= next) {
        newest = copy
        next = copy.version + 1
      }
    }
    await findNewest()
    pagePins = await readPagePins(store, bucket, dataset, pagePins)
  }

  async function copy(): Promise<void> {
    if (newest === null) return
    const { version, revision } = newest
    if (shown.version !== version) {
      const etag = await store.replace(bucket, manifestKey(dataset), Buffer.from(manifestText(newest)), json, shown.etag)
      // Somebody else has: what is to be done now is seen at the next turn.
      if (etag === null) return look()
      shown = { version, etag }
      await fault('publish.afterManifest')
    }
    const { pins, mark } = pagePins
    const stale = page.version !== version || page.pins !== mark
    // Of another revision it would show files that will soon be gone.
    if (stale && (page.revision !== revision || clock.monotonic() - page.at >= indexEveryMs)) {
      const etag = await store.replace(bucket, indexKey(dataset), Buffer.from(indexPage(newest, pins)), html, page.etag)
      const there = etag ?? (await store.head(bucket, indexKey(dataset)))?.etag ?? null
      const written = etag === null ? { version: -1, revision: -1 } : { version, revision }
      page = { ...written, pins: mark, at: clock.monotonic(), etag: there }
    }
  }

  await look()
  return {
    get newest() {
      return newest
    },
    get next() {
      return next
    },
    async write(manifest, lists) {
      // One that is there is ours: the answer got lost, and its name says what it contains.
      for (const { key, body } of lists) await store.create(bucket, key, body, json)
      if (lists.length > 0) await fault('publish.afterLists')
      await fault('publish.beforeNumbered')
      const created = await store.create(bucket, manifestVersionKey(dataset, manifest.version), Buffer.from(manifestText(manifest)), json)
      if (created) {
        newest = manifest
        next = manifest.version + 1
      }
      // The number is taken: by us, if an answer got lost, or by another publisher, who must be overtaken with the next number.
      else await findNewest()
      await fault('publish.afterNumbered')
      await copy()
      return newest?.nonce === manifest.nonce
    },
    async tend() {
      if (clock.monotonic() - tended >= repairEveryMs) {
        tended = clock.monotonic()
        await look()
      }
      await copy()
    },
  }
}
