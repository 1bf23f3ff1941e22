import { systemClock } from '../../../runtime/clock.js'
import { unpinVersion } from '../../../runtime/datasets/pin.js'
import { noFault } from '../../../runtime/fault.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import { openPublished } from '../../../runtime/publish/published.js'
import { buildManifest, manifestText } from '../../../sinks/manifest.js'
import { indexKey, manifestKey, manifestVersionKey, pinKey } from '../../../sinks/naming.js'
import { bucketName, bucketOf, id, pin } from '../../driver/pinnable.js'
import { sampleInput } from '../../sinks/sample-manifest.js'

const dataset = 'algebra-2024'
const text = (version: number) => Buffer.from(manifestText(buildManifest(sampleInput({ version }))))

test.each(['', '{', '{}'])('a manifest.json that is damaged (%j) is written again from the newest number', async damage => {
  const store = memoryStore(systemClock.now)
  await store.ensureBucket('b')
  const target = { store, bucket: 'b', clock: systemClock, fault: noFault }
  for (const version of [1, 2]) await store.put('b', manifestVersionKey(dataset, version), text(version), '')
  await store.put('b', manifestKey(dataset), Buffer.from(damage), '')
  const published = await openPublished(target, dataset)
  expect(published.next).toBe(3)
  await published.tend()
  expect((await store.get('b', manifestKey(dataset)))?.toString()).toBe(text(2).toString())
})

test('a number that is damaged is no copy: nothing is written over it', async () => {
  const store = memoryStore(systemClock.now)
  await store.ensureBucket('b')
  await store.put('b', manifestVersionKey(dataset, 1), Buffer.from('{'), '')
  await expect(openPublished({ store, bucket: 'b', clock: systemClock, fault: noFault }, dataset)).rejects.toMatchObject({
    code: 'S3_CONTENT_DIFFERS',
  })
})

test('the page cites what is pinned, and no longer what is withdrawn; a pin that cannot be read is none', async () => {
  let at = 0
  const clock = { ...systemClock, monotonic: () => at }
  const bucket = await bucketOf({ 7: 2 })
  const published = await openPublished({ store: bucket.store, bucket: bucketName, clock, fault: noFault }, id)
  const page = async () => {
    at += 61_000
    await published.tend()
    return (await bucket.store.get(bucketName, indexKey(id)))!.toString()
  }
  expect(await page()).toContain('none stays for ever')
  const { contentSha256 } = (await pin(bucket)).pin
  expect(await page()).toContain(contentSha256)
  await unpinVersion(bucket, id, 7, { reason: 'a test', dryRun: false, clock })
  expect(await page()).toContain('none stays for ever')
  await bucket.store.put(bucketName, pinKey(id, 7), Buffer.from('{'), '')
  expect(await page()).toContain('none stays for ever')
  // Who takes over writes it as it was.
  await pin(bucket)
  const next = await openPublished({ store: bucket.store, bucket: bucketName, clock, fault: noFault }, id)
  await next.tend()
  expect((await bucket.store.get(bucketName, indexKey(id)))!.toString()).toContain(contentSha256)
})

test.each(['\\ud800', '../../other/manifest.json'])(
  'a pin that names something else (%s) is none for the page, and the dataset goes on',
  async key => {
    const bucket = await bucketOf({ 7: 2 })
    const { contentSha256, manifest } = (await pin(bucket)).pin
    const before = (await bucket.store.get(bucketName, pinKey(id, 7)))!.toString()
    await bucket.store.put(bucketName, pinKey(id, 7), Buffer.from(before.replace(manifest.key, key)), '')
    const published = await openPublished({ store: bucket.store, bucket: bucketName, clock: systemClock, fault: noFault }, id)
    await published.tend()
    expect((await bucket.store.get(bucketName, indexKey(id)))!.toString()).not.toContain(contentSha256)
  },
)
