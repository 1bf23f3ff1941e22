import { TributaryError } from '../../schemas/errors.js'
import { type Pin, parsePin } from '../../schemas/pin.js'
import { liesIn, pinKey } from '../../sinks/naming.js'
import { isSamePin, makePin, pinList, pinText } from '../../sinks/pin.js'
import type { Clock } from '../clock.js'
import { othersAtWork } from '../gc/at-work.js'
import { type DatasetBucket, type DatasetObjects, datasetObjects } from './dataset-objects.js'
import { readVersion, type StoredManifest } from './read-version.js'
import { knownManifest } from './unknown-dataset.js'

const json = 'application/json'
const pauseMs = 1000

export interface PinRequest {
  /** Null = the one that is shown now. */
  readonly version: number | null
  readonly note: string | null
  readonly dryRun: boolean
  /** How long to wait for a `gc` that is at work. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A `gc` is waited for. */
  readonly onWait: () => void
}

export interface Pinned {
  readonly pin: Pin
  /** It was pinned before: nothing was done. */
  readonly unchanged: boolean
}

/**
 * Makes a version stay. In this order: 1 write the pin as `pinning`: from here on every `gc` that begins keeps its files 2 wait for those
 * that had begun before (`gc/at-work.ts`) 3 read the manifest again and look whether every file is there; if not, withdraw the
 * pin and refuse 4 write the list of files 5 make the pin `pinned`. Broken off anywhere, the same call goes on.
 */
export async function pinVersion(bucket: DatasetBucket, dataset: string, request: PinRequest): Promise<Pinned> {
  const objects = datasetObjects(bucket)
  // Of an unknown dataset the error names those that are there.
  const version = request.version ?? (await knownManifest(bucket, dataset)).version
  const before = await current(bucket, dataset, version)
  if (before?.pin?.state === 'pinned') return { pin: before.pin, unchanged: true }
  const stored = await readVersion(objects, dataset, version)
  // That it was pinned once, and why no longer, stays until it is pinned again: those who cited it ask for that.
  const { pinnedAt = null, withdrawn: earlier = null } = before?.pin ?? {}
  const begun: Pin = { ...beginPin(stored, request.note), nonce: request.clock.uuid(), pinnedAt, withdrawn: earlier }
  const finished = (): Pin => ({ ...begun, state: 'pinned', pinnedAt: stamp(request.clock), withdrawn: null })
  if (request.dryRun) {
    await requireFiles(objects, stored.whole)
    return { pin: finished(), unchanged: false }
  }
  const etag = await write(bucket, begun, before?.etag ?? null)
  if (etag === null) throw changedMeanwhile(dataset, version)
  try {
    await waitForGc(objects, begun, request)
    const now = await readVersion(objects, dataset, version)
    if (!isSamePin(beginPin(now, request.note), begun)) throw changedMeanwhile(dataset, version)
    await requireFiles(objects, now.whole)
    await bucket.store.put(bucket.config.datasetsBucket, begun.list.key, Buffer.from(pinList(now.whole.files)), 'text/plain')
  } catch (error) {
    // Only over what this call has written: another one may have pinned it meanwhile. A removal cannot ask for that.
    const withdrawn = { at: stamp(request.clock), reason: `not pinned: ${(error as { code?: string }).code ?? 'broken off'}` }
    await write(bucket, before?.pin?.withdrawn ? { ...before.pin, state: 'withdrawn' } : { ...begun, state: 'withdrawn', withdrawn }, etag)
    throw error
  }
  const pin = finished()
  if ((await write(bucket, pin, etag)) === null) throw changedMeanwhile(dataset, version)
  return { pin, unchanged: false }
}

export interface UnpinRequest {
  readonly reason: string
  readonly dryRun: boolean
  readonly clock: Clock
}

/** The pin stays and says that its files do not, and why: who follows a citation finds that. `gc` removes what nothing else needs. */
export async function unpinVersion(bucket: DatasetBucket, dataset: string, version: number, request: UnpinRequest): Promise<Pin> {
  const before = await current(bucket, dataset, version)
  if (before?.pin == null || before.pin.state === 'withdrawn')
    throw new TributaryError(
      'PIN_UNKNOWN',
      `unpinning version ${version} of ${dataset}${before === null ? '' : ': it is withdrawn already'}`,
    )
  const withdrawn = { at: stamp(request.clock), reason: request.reason }
  const pin: Pin = { ...before.pin, state: 'withdrawn', withdrawn }
  if (!request.dryRun && (await write(bucket, pin, before.etag)) === null) throw changedMeanwhile(dataset, version)
  return pin
}

const stamp = (clock: Clock) => new Date(clock.now()).toISOString()

function beginPin({ text, whole }: StoredManifest, note: string | null): Pin {
  // A manifest with one such key is not to be trusted in anything.
  for (const { key } of whole.files)
    if (!liesIn(whole.dataset, key))
      throw new TributaryError('S3_CONTENT_DIFFERS', `pinning ${whole.dataset}: its manifest lists ${JSON.stringify(key)}`)
  return makePin(text, whole, note)
}

/** With its etag, asked for first: what changes in between is not replaced. `pin` null = it cannot be read. */
async function current(
  { store, config }: DatasetBucket,
  dataset: string,
  version: number,
): Promise<{ readonly pin: Pin | null; readonly etag: string } | null> {
  const key = pinKey(dataset, version)
  const head = await store.head(config.datasetsBucket, key)
  if (head === null) return null
  const body = await store.get(config.datasetsBucket, key)
  return { pin: body === null ? null : parsePin(body.toString()), etag: head.etag }
}

const write = ({ store, config }: DatasetBucket, pin: Pin, etag: string | null): Promise<string | null> =>
  store.replace(config.datasetsBucket, pinKey(pin.dataset, pin.version), Buffer.from(pinText(pin)), json, etag)

async function waitForGc(objects: DatasetObjects, pin: Pin, { clock, timeoutMs, signal, onWait }: PinRequest): Promise<void> {
  const key = pinKey(pin.dataset, pin.version)
  for (const began = clock.monotonic(); ; await clock.sleep(pauseMs, signal)) {
    const { atWork } = await othersAtWork(objects, pin.dataset, key)
    if (atWork.length === 0) return
    if (signal.aborted || clock.monotonic() - began > timeoutMs)
      throw new TributaryError('GC_RUNNING', `pinning version ${pin.version} of ${pin.dataset}: ${atWork.join(', ')}`)
    onWait()
  }
}

/** Sizes alone: what is in the files is for `verify`. */
async function requireFiles({ list }: DatasetObjects, { dataset, version, files }: StoredManifest['whole']): Promise<void> {
  const folders = new Set(files.map(({ key }) => `${key.split('/').slice(0, 2).join('/')}/`))
  const sizes = new Map<string, number>()
  for (const folder of folders) for await (const { key, size } of list(folder)) sizes.set(key, size)
  for (const { key, bytes } of files)
    if (sizes.get(key) !== bytes)
      throw new TributaryError(
        'VERSION_GONE',
        `pinning version ${version} of ${dataset}: ${key} ${sizes.has(key) ? `has ${sizes.get(key)} bytes, not ${bytes}` : 'is not there'}`,
      )
}

const changedMeanwhile = (dataset: string, version: number) =>
  new TributaryError('INCOMPLETE', `pinning version ${version} of ${dataset}: somebody else has changed it at the same time`)
