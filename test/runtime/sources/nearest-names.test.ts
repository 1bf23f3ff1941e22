import { memoryStore } from '../../../runtime/memory/memory-store.js'
import { emptyPrefixText, nearestNames } from '../../../runtime/sources/nearest-names.js'

async function bucketOf(...keys: readonly string[]) {
  const store = memoryStore(() => 0)
  await store.ensureBucket('b')
  for (const key of keys) await store.put('b', key, Buffer.from('x'), 'text/plain')
  return async (prefix: string) => {
    const found = await nearestNames(store, 'b', prefix)
    return found === null ? null : emptyPrefixText(found)
  }
}
const keys = ['section/145/attempt_evaluated/x', 'section/145/video/x', 'section/146/video/x', 'section/2400/video/x', 'export/all.jsonl']

test.each([
  ['section/1145/', 'nothing lies below section/1145/: section/ has 145/'],
  ['section/147/video/', 'nothing lies below section/147/video/: section/ has 145/, 146/'],
  ['section/145/vidoe/', 'nothing lies below section/145/vidoe/: section/145/ has video/'],
  ['section/145/page_viewed/', 'nothing lies below section/145/page_viewed/: section/145/ has attempt_evaluated/, video/'],
  ['sectoin/', 'nothing lies below sectoin/: the bucket has section/'],
  ['sectoin/145/video/', 'nothing lies below sectoin/145/video/: the bucket has section/'],
  ['exprot/all.jsonl', 'nothing lies below exprot/all.jsonl: the bucket has export/'],
])('what is there instead of %s', async (prefix, text) => {
  const look = await bucketOf(...keys)
  expect(await look(prefix)).toBe(text)
})

test('where something lies nothing is said, and an empty bucket is named as one', async () => {
  const look = await bucketOf(...keys)
  for (const prefix of ['', 'section/14', 'section/145/', 'export/all']) expect(await look(prefix)).toBeNull()
  const empty = await bucketOf()
  expect(await empty('section/1/')).toBe('nothing lies below section/1/: the bucket is empty')
  expect(await empty('')).toBe('nothing lies below the bucket: the bucket is empty')
})
