import { systemClock } from '../../../runtime/clock.js'
import { noFault } from '../../../runtime/fault.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import { openPublished } from '../../../runtime/publish/published.js'
import { buildManifest, manifestText } from '../../../sinks/manifest.js'
import { manifestKey, manifestVersionKey } from '../../../sinks/naming.js'
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
