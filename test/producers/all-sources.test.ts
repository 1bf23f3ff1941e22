import { allSources } from '../../producers/all-sources.js'
import type { Source, SourceObject } from '../../producers/source.js'
import { torusObjects } from '../../producers/torus-objects.js'
import { inUploadOrder } from '../../producers/upload-order.js'

/** A platform that puts its logs by day. */
const dailyLogs: Source = {
  name: 'daily',
  prefixes: () => ['logs/'],
  take: object =>
    object.key.startsWith('logs/')
      ? { ...object, compression: 'none' as const, uploaded: object.lastModified, section: null, category: null }
      : { why: 'it is no log', known: false },
  after: (folder, since) => (folder === 'logs/' ? `logs/${new Date(since).toISOString().slice(0, 10)}` : null),
}
const at = (key: string, lastModified: number): SourceObject => ({ bucket: 'b', key, size: 1, etag: 'e', lastModified })
const upload = 'section/1/video/1970-01-01T00-00-02Z_x.jsonl'

test('an object belongs to the first source that takes it', () => {
  const both = allSources([torusObjects, dailyLogs])
  const objects = [at('logs/1970-01-01.txt', 3000), at('logs/1970-01-02.jsonl', 1000), at(upload, 9000), at('other.txt', 1)]
  expect(inUploadOrder(both, objects, {}).map(({ key, uploaded }) => [key, uploaded])).toEqual([
    ['logs/1970-01-02.jsonl', 1000],
    [upload, 2000],
    ['logs/1970-01-01.txt', 3000],
  ])
  expect(both.prefixes({ sections: ['1'] })).toEqual(['section/1/', 'logs/'])
  expect(both.after('logs/', 86_400_000)).toBe('logs/1970-01-02')
  expect(both.after('section/1/video/', 0)).toBe(torusObjects.after('section/1/video/', 0))
  expect(both.after('elsewhere/', 0)).toBeNull()
})

test('why an object is not taken is said by the source that knows it, else by all', () => {
  const both = allSources([torusObjects, dailyLogs])
  expect(both.take(at('a.txt', 1), {})).toEqual({ why: 'the name ends in neither .jsonl nor .jsonl.gz; it is no log', known: false })
  expect(both.take(at(upload, 1), { sections: ['2'] })).toEqual({ why: 'it is of another section', known: true })
})

test('one source alone is itself', () => {
  expect(allSources([dailyLogs])).toBe(dailyLogs)
})
