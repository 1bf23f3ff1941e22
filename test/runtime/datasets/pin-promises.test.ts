import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../runtime/clock.js'
import { datasetObjects } from '../../../runtime/datasets/dataset-objects.js'
import { downloadDataset } from '../../../runtime/datasets/download.js'
import { unpinVersion } from '../../../runtime/datasets/pin.js'
import { pinsOf } from '../../../runtime/datasets/read-pins.js'
import { manifestKey, manifestVersionKey, pinKey, pinListKey } from '../../../sinks/naming.js'
import { checkPins } from '../../../verify/check-pins.js'
import { type Bucket, bucketName, bucketOf, id, pin, sha256 } from '../../driver/pinnable.js'

const folder = mkdtempSync(join(tmpdir(), 'pin-promises-'))
afterAll(() => rmSync(folder, { recursive: true }))

const unpin = (bucket: Bucket) => unpinVersion(bucket, id, 9, { reason: 'of a test', dryRun: false, clock: systemClock })
const targetOf = (bucket: Bucket) => {
  const { list, get } = datasetObjects(bucket)
  return { objects: list, object: get }
}

test('a pin that was withdrawn and begun again by somebody else is not finished by the process that began it first', async () => {
  const bucket = await bucketOf({ 9: 3 })
  let second: Promise<unknown> = Promise.resolve()
  let goOn: () => void = () => undefined
  /** The second one stands still once it has written its pin. */
  const stopped = new Promise<void>(resolve => {
    goOn = resolve
  })
  const store = {
    ...bucket.store,
    // The first one has found every file, and is about to say so.
    put: async (...[where, key, body, type]: Parameters<typeof bucket.store.put>) => {
      await bucket.store.put(where, key, body, type)
      if (key !== pinListKey(id, 9)) return
      await unpin(bucket)
      // What `gc` does to a version that is withdrawn.
      await bucket.store.delete(bucketName, [bucket.files[2]!.key])
      await new Promise<void>(begun => {
        const slow = {
          ...bucket.store,
          replace: async (...args: Parameters<typeof bucket.store.replace>) => {
            const etag = await bucket.store.replace(...args)
            begun()
            await stopped
            return etag
          },
        }
        second = pin({ ...bucket, store: slow }).catch((error: unknown) => error)
      })
    },
  }
  const first = await pin({ ...bucket, store }).catch((error: unknown) => error)
  goOn()
  expect([first, await second]).toEqual([
    expect.objectContaining({ code: 'INCOMPLETE' }),
    expect.objectContaining({ code: 'VERSION_GONE' }),
  ])
  expect(await checkPins(targetOf(bucket), id, new Map())).toEqual([])
})

test('the manifest of a downloaded version has the SHA-256 that its pin says, also one of another release', async () => {
  const bucket = await bucketOf({ 9: 3 })
  const { lists, alsoFolded, fields, revisionOrdinal, ...older } = JSON.parse(
    (await bucket.store.get(bucketName, manifestKey(id)))!.toString(),
  ) as Record<string, unknown>
  const text = Buffer.from(JSON.stringify({ later: 'kept', ...older }))
  for (const key of [manifestKey(id), manifestVersionKey(id, 9)]) await bucket.store.put(bucketName, key, text, '')
  const { manifest } = (await pin(bucket)).pin
  for (const wanted of [9, 'pinned', null] as const) {
    const to = join(folder, String(wanted))
    await downloadDataset(bucket, id, to, () => undefined, wanted)
    expect([wanted, sha256(readFileSync(join(to, manifest.key)))]).toEqual([wanted, manifest.sha256])
  }
})

test('verify finds no fault where somebody is just pinning, or has withdrawn a version while it was read', async () => {
  const bucket = await bucketOf({ 9: 3 })
  const finished = (await pin(bucket)).pin
  const put = (state: string) =>
    bucket.store.put(bucketName, pinKey(id, 9), Buffer.from(JSON.stringify({ ...finished, state }, null, 2)), '')
  await put('pinning')
  const target = targetOf(bucket)
  const pause = async () => void (await put('pinned'))
  expect(await checkPins({ ...target, pause }, id, new Map())).toEqual([])
  const object = async (key: string) => {
    const body = await target.object(key)
    if (key === pinKey(id, 9) && (await target.object(bucket.files[0]!.key)) !== null) {
      await unpin(bucket)
      await bucket.store.delete(bucketName, [bucket.files[0]!.key])
    }
    return body
  }
  expect(await checkPins({ ...target, object }, id, new Map())).toEqual([])
})

test('that a version was pinned, and why it was withdrawn, outlasts a process that ends while it pins it again', async () => {
  for (const gone of [false, true]) {
    const bucket = await bucketOf({ 9: 3 })
    const { pinnedAt } = (await pin(bucket)).pin
    await unpin(bucket)
    let begun = false
    const killed = () => {
      throw new Error('killed')
    }
    const replace = async (...args: Parameters<typeof bucket.store.replace>) => {
      if (begun) return killed()
      begun = true
      return bucket.store.replace(...args)
    }
    await expect(pin({ ...bucket, store: { ...bucket.store, replace, put: killed } })).rejects.toThrow('killed')
    if (gone) {
      await bucket.store.delete(bucketName, [bucket.files[0]!.key])
      await expect(pin(bucket)).rejects.toMatchObject({ code: 'VERSION_GONE' })
    } else await unpin(bucket)
    expect(await pinsOf(bucket, id)).toMatchObject([{ state: 'withdrawn', pinnedAt, withdrawn: { reason: 'of a test' } }])
  }
})
