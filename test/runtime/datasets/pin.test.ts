import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../runtime/clock.js'
import { datasetObjects } from '../../../runtime/datasets/dataset-objects.js'
import { downloadDataset } from '../../../runtime/datasets/download.js'
import { unpinVersion } from '../../../runtime/datasets/pin.js'
import { pinsOf } from '../../../runtime/datasets/read-pins.js'
import { gcKey, manifestVersionKey, pinKey, pinListKey } from '../../../sinks/naming.js'
import { checkPins } from '../../../verify/check-pins.js'
import { type Bucket, bucketName, bucketOf, id, pin, sha256, textsOf } from '../../driver/pinnable.js'

const checked = (bucket: Bucket) => {
  const { list, get } = datasetObjects(bucket)
  return checkPins({ objects: list, object: get }, id, new Map())
}
const unpin = (bucket: Bucket, version: number, dryRun = false) =>
  unpinVersion(bucket, id, version, { reason: 'a learner asked to be erased', dryRun, clock: systemClock })

const folder = mkdtempSync(join(tmpdir(), 'pin-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** `sha256sum`, or what macOS has in its place. */
function stock(args: readonly string[], cwd: string): string {
  const commands = [
    ['sha256sum', ...args],
    ['shasum', '-a', '256', ...args],
  ]
  for (const [command, ...rest] of commands) {
    const { status, stdout, error } = spawnSync(command!, rest, { cwd, encoding: 'utf8' })
    if (error === undefined) return status === 0 ? stdout : `exit code ${status}`
  }
  throw new Error('neither sha256sum nor shasum is here')
}

test('the version that is shown, or an earlier one, is pinned with the hash of its files', async () => {
  const bucket = await bucketOf({ 7: 2, 9: 3 })
  const shown = await pin(bucket, { note: 'table 3' })
  expect(shown).toMatchObject({ unchanged: false, pin: { version: 9, state: 'pinned', files: 3, rows: 3, note: 'table 3' } })
  const list = [...bucket.files].sort((a, b) => (a.key < b.key ? -1 : 1)).map(file => `${file.sha256}  ${file.key}\n`)
  expect(shown.pin.contentSha256).toBe(sha256(list.join('')))
  expect((await pin(bucket, { version: 7 })).pin).toMatchObject({ version: 7, files: 2 })
  expect(await pin(bucket, { version: 7, note: 'again' })).toMatchObject({ unchanged: true, pin: { note: null } })
  expect((await pinsOf(bucket, id)).map(({ version }) => version)).toEqual([7, 9])
  expect(await pinsOf(bucket, null)).toEqual(await pinsOf(bucket, id))
  expect(await checked(bucket)).toEqual([])
})

test('a downloaded version is checked with stock tools', async () => {
  const bucket = await bucketOf({ 7: 3, 9: 4 })
  const { contentSha256 } = (await pin(bucket, { version: 7 })).pin
  for (const wanted of [7, 'pinned'] as const) {
    const to = join(folder, String(wanted))
    expect(await downloadDataset(bucket, id, to, () => undefined, wanted)).toMatchObject({ version: 7, contentSha256 })
    expect(existsSync(join(to, bucket.files[3]!.key))).toBe(false)
    expect(JSON.parse(readFileSync(join(to, id, 'manifest.json'), 'utf8'))).toMatchObject({ version: 7 })
    expect(stock(['-c', pinListKey(id, 7)], to).match(/: OK$/gm)).toHaveLength(3)
    expect(stock([pinListKey(id, 7)], to).split(' ')[0]).toBe(contentSha256)
    // Without the list, as docs/citing.md says.
    const hash = `$(command -v sha256sum || echo shasum -a 256)`
    const recipe = `find ${id}/g*-r* -type f | LC_ALL=C sort | xargs ${hash} | ${hash}`
    expect(spawnSync('sh', ['-c', recipe], { cwd: to, encoding: 'utf8' }).stdout.split(' ')[0]).toBe(contentSha256)
  }
  expect(await downloadDataset(bucket, id, join(folder, 'now'), () => undefined)).toMatchObject({ version: 9, contentSha256: null })
  await expect(downloadDataset(bucket, id, folder, () => undefined, 8)).rejects.toMatchObject({ code: 'VERSION_GONE' })
  const none = await bucketOf({ 7: 1 })
  await expect(downloadDataset(none, id, folder, () => undefined, 'pinned')).rejects.toMatchObject({ code: 'PIN_UNKNOWN' })
})

test('files that lie in lists are pinned, too', async () => {
  const bucket = await bucketOf({ 7: 5 }, { mostInline: 2 })
  expect((await pin(bucket)).pin.files).toBe(5)
  expect(await checked(bucket)).toEqual([])
})

test('what is not whole is not pinned, and does not look so', async () => {
  const refused = async (bucket: Bucket, version: number, code: string) => {
    await expect(pin(bucket, { version })).rejects.toMatchObject({ code })
    expect(await pinsOf(bucket, id)).toEqual([])
    expect(await checked(bucket)).toEqual([])
  }
  const bucket = await bucketOf({ 7: 2, 9: 3 })
  await bucket.store.put(bucketName, manifestVersionKey(id, 7), Buffer.alloc(0), '')
  for (const version of [7, 8, 10]) await refused(bucket, version, 'VERSION_GONE')
  await bucket.store.put(bucketName, bucket.files[2]!.key, Buffer.from('cut'), '')
  await refused(bucket, 9, 'VERSION_GONE')
  await bucket.store.delete(bucketName, [bucket.files[2]!.key])
  await refused(bucket, 9, 'VERSION_GONE')
  await expect(pin({ ...bucket, store: (await bucketOf({ 7: 1 })).store }, { version: 7 })).resolves.toMatchObject({ unchanged: false })
})

test('--dry-run says the hash and writes nothing', async () => {
  const bucket = await bucketOf({ 9: 3 })
  const before = await textsOf(bucket)
  const { contentSha256 } = (await pin(bucket, { dryRun: true })).pin
  expect(await textsOf(bucket)).toEqual(before)
  expect((await pin(bucket)).pin.contentSha256).toBe(contentSha256)
})

test('a pin that is withdrawn says why, and can be pinned again as long as all is there', async () => {
  const bucket = await bucketOf({ 9: 3 })
  await expect(unpin(bucket, 9)).rejects.toMatchObject({ code: 'PIN_UNKNOWN' })
  const { contentSha256 } = (await pin(bucket)).pin
  await unpin(bucket, 9, true)
  expect((await pinsOf(bucket, id))[0]).toMatchObject({ state: 'pinned' })
  await unpin(bucket, 9)
  expect(await pinsOf(bucket, id)).toEqual([
    expect.objectContaining({
      state: 'withdrawn',
      contentSha256,
      withdrawn: expect.objectContaining({ reason: 'a learner asked to be erased' }),
    }),
  ])
  expect(await checked(bucket)).toEqual([])
  await expect(unpin(bucket, 9)).rejects.toMatchObject({ code: 'PIN_UNKNOWN' })
  // Refused again, it stays what it was: withdrawn, for its reason.
  const [file] = bucket.files
  const body = (await bucket.store.get(bucketName, file!.key))!
  await bucket.store.delete(bucketName, [file!.key])
  await expect(pin(bucket)).rejects.toMatchObject({ code: 'VERSION_GONE' })
  expect((await pinsOf(bucket, id))[0]!.withdrawn!.reason).toBe('a learner asked to be erased')
  await bucket.store.put(bucketName, file!.key, body, '')
  expect((await pin(bucket)).pin).toMatchObject({ state: 'pinned', contentSha256, withdrawn: null })
})

test('a gc that is at work is waited for, and after that refused; one that was killed long ago is not', async () => {
  let now = 10_000_000
  const bucket = await bucketOf({ 9: 3 }, { now: () => now })
  const gc = gcKey(id, '4f1c7a52-1111-2222-3333-444455556666')
  await bucket.store.put(bucketName, gc, Buffer.from('{}'), '')
  await expect(pin(bucket)).rejects.toMatchObject({ code: 'GC_RUNNING' })
  expect(await pinsOf(bucket, id)).toEqual([])
  let waits = 0
  const onWait = () => {
    if (++waits === 2) void bucket.store.delete(bucketName, [gc])
  }
  const clock = { ...systemClock, sleep: async () => undefined }
  expect(await pin(bucket, { timeoutMs: 60_000, onWait, clock })).toMatchObject({ pin: { state: 'pinned' } })
  expect(waits).toBe(2)
  await unpin(bucket, 9)
  await bucket.store.put(bucketName, gc, Buffer.from('{}'), '')
  now += 3 * 3_600_000
  expect(await pin(bucket)).toMatchObject({ pin: { state: 'pinned' } })
})

test('broken off before any of its effects, the same call goes on', async () => {
  const effects = ['replace', 'put', 'get', 'head', 'list']
  for (let at = 1; ; at++) {
    let left = Number.POSITIVE_INFINITY
    const bucket = await bucketOf(
      { 7: 2, 9: 3 },
      {
        before: effect => {
          // As a process that ends: what it would do to clean up does not happen either.
          if (effects.includes(effect) && --left <= 0) throw new Error('killed')
        },
      },
    )
    left = at
    const ended = await pin(bucket, { version: 7 }).then(
      () => 'pinned',
      () => 'killed',
    )
    left = Number.POSITIVE_INFINITY
    expect(await pin(bucket, { version: 7 })).toMatchObject({ pin: { version: 7, state: 'pinned' } })
    expect(await checked(bucket)).toEqual([])
    if (ended === 'pinned') return
  }
})

test('two who pin the same version at the same time, and who unpins meanwhile: one state, and nobody is promised what is not', async () => {
  const bucket = await bucketOf({ 9: 3 })
  const ends = await Promise.allSettled([pin(bucket), pin(bucket), pin(bucket)])
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'INCOMPLETE' })
  expect((await pin(bucket)).pin.state).toBe('pinned')
  expect(await checked(bucket)).toEqual([])
  const [pinned, unpinned] = await Promise.allSettled([pin(bucket), unpin(bucket, 9)])
  expect([pinned.status, unpinned.status]).toEqual(['fulfilled', 'fulfilled'])
})

test('verify finds every way in which a pinned version is not what it was', async () => {
  const problems = async (harm: (bucket: Bucket) => Promise<unknown>) => {
    const bucket = await bucketOf({ 7: 2, 9: 3 }, { mostInline: 2 })
    await pin(bucket)
    expect(await checked(bucket)).toEqual([])
    await harm(bucket)
    return (await checked(bucket)).join('\n')
  }
  const put = (key: string, text: string) => (bucket: Bucket) => bucket.store.put(bucketName, key, Buffer.from(text), '')
  const edit = (key: string, from: string, to: string) => async (bucket: Bucket) => {
    const before = (await bucket.store.get(bucketName, key))!.toString()
    expect(before).toContain(from)
    await put(key, before.replace(from, to))(bucket)
  }
  const drop = (key: string) => (bucket: Bucket) => bucket.store.delete(bucketName, [key])
  const { files } = await bucketOf({ 9: 3 })
  const file = files[1]!.key
  expect(await problems(drop(file))).toBe(`pinned version 9: ${file} is not there`)
  expect(await problems(put(file, 'other'))).toContain(`${file} has SHA-256`)
  expect(await problems(put(manifestVersionKey(id, 9), ''))).toContain('is empty')
  expect(await problems(drop(manifestVersionKey(id, 9)))).toContain('is not there')
  expect(await problems(edit(manifestVersionKey(id, 9), '"writer-1"', '"writer-2"'))).toContain('is not the one that was pinned')
  expect(await problems(edit(pinKey(id, 9), '"contentSha256": "', '"contentSha256": "0'))).toContain('it was pinned with 0')
  expect(await problems(edit(pinKey(id, 9), '"pinned"', '"pinning"'))).toContain('never finished')
  expect(await problems(put(pinKey(id, 9), '{'))).toContain('cannot be read')
  expect(await problems(drop(pinListKey(id, 9)))).toContain('is not there')
  expect(await problems(put(pinListKey(id, 9), ''))).toContain('differs')
  const list = async (bucket: Bucket) => Object.keys(await textsOf(bucket, `${id}/lists/`))[0]!
  expect(await problems(async bucket => drop(await list(bucket))(bucket))).toContain('lists files of the dataset and is not there')
})
