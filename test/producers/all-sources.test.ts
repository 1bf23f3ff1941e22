import { allSources } from '../../producers/all-sources.js'
import type { Source, SourceObject } from '../../producers/source.js'
import { torusObjects } from '../../producers/torus-objects.js'

/** A platform that puts its logs by day. */
const dailyLogs: Source = {
  name: 'daily',
  prefixes: () => ['logs/'],
  plan: objects =>
    [...objects]
      .filter(({ key }) => key.startsWith('logs/'))
      .map(object => ({ ...object, compression: 'none' as const, uploaded: object.lastModified, section: null })),
  after: (folder, since) => (folder === 'logs/' ? `logs/${new Date(since).toISOString().slice(0, 10)}` : null),
}
const at = (key: string, lastModified: number): SourceObject => ({ bucket: 'b', key, size: 1, etag: 'e', lastModified })
const upload = 'section/1/video/1970-01-01T00-00-02Z_x.jsonl'

test('an object belongs to the first source that takes it, and is there once however often it is listed', () => {
  const both = allSources([torusObjects, dailyLogs])
  const objects = [
    at('logs/1970-01-01.txt', 3000),
    at('logs/1970-01-02.jsonl', 1000),
    at(upload, 9000),
    at(upload, 9000),
    at('other.txt', 1),
  ]
  expect(both.plan(objects, {}).map(({ key, uploaded }) => [key, uploaded])).toEqual([
    ['logs/1970-01-02.jsonl', 1000],
    [upload, 2000],
    ['logs/1970-01-01.txt', 3000],
  ])
  expect(both.prefixes({ sections: ['1'] })).toEqual(['section/1/', 'logs/'])
  expect(both.after('logs/', 86_400_000)).toBe('logs/1970-01-02')
  expect(both.after('section/1/video/', 0)).toBe(torusObjects.after('section/1/video/', 0))
  expect(both.after('elsewhere/', 0)).toBeNull()
})

test('one source alone is itself', () => {
  expect(allSources([dailyLogs])).toBe(dailyLogs)
})
