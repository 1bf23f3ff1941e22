import { createHash } from 'node:crypto'
import { readConfig } from '../../config.js'
import { systemClock } from '../../runtime/clock.js'
import { type PinRequest, pinVersion } from '../../runtime/datasets/pin.js'
import { memoryStore } from '../../runtime/memory/memory-store.js'
import { buildManifest, manifestText } from '../../sinks/manifest.js'
import { packManifest } from '../../sinks/manifest-lists.js'
import { manifestKey, manifestVersionKey } from '../../sinks/naming.js'
import { sampleFile, sampleInput } from '../sinks/sample-manifest.js'

export const id = 'algebra-2024'
export const bucketName = 'datasets'
export const sha256 = (body: Buffer | string) => createHash('sha256').update(body).digest('hex')

/** A bucket with versions of a dataset: number → how many files it has, the first ones of all. The last one is shown. */
export async function bucketOf(
  versions: Readonly<Record<number, number>>,
  options: { readonly before?: (effect: string, key: string) => void; readonly mostInline?: number; readonly now?: () => number } = {},
) {
  const store = memoryStore(options.now ?? (() => 0), options.before)
  await store.ensureBucket(bucketName)
  const all = Array.from({ length: Math.max(...Object.values(versions)) }, (_, n) => {
    const body = Buffer.from(`user_id,score\n${n},1\n`)
    return { file: sampleFile(n % 2, n * 100, { bytes: body.length, rows: 1, sha256: sha256(body) }), body }
  })
  for (const { file, body } of all) await store.put(bucketName, file.key, body, 'text/csv')
  for (const [version, files] of Object.entries(versions)) {
    const whole = buildManifest(sampleInput({ version: Number(version), files: all.slice(0, files).map(({ file }) => file) }))
    const { manifest, lists } = packManifest(whole, null, 'http://s3', options.mostInline)
    for (const { key, body } of lists) await store.put(bucketName, key, body, '')
    for (const key of [manifestVersionKey(id, Number(version)), manifestKey(id)])
      await store.put(bucketName, key, Buffer.from(manifestText(manifest)), '')
  }
  return { store, config: readConfig({ DATASETS_BUCKET: bucketName }), files: all.map(({ file }) => file) }
}

export type Bucket = Awaited<ReturnType<typeof bucketOf>>

export const pin = (bucket: Pick<Bucket, 'store' | 'config'>, more: Partial<PinRequest> = {}) =>
  pinVersion(bucket, id, {
    version: null,
    note: null,
    dryRun: false,
    timeoutMs: 0,
    clock: systemClock,
    signal: new AbortController().signal,
    onWait: () => undefined,
    ...more,
  })

/** Every object, as text. */
export async function textsOf({ store }: Pick<Bucket, 'store'>, prefix = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { key } of store.list(bucketName, prefix)) found[key] = (await store.get(bucketName, key))!.toString()
  return found
}
