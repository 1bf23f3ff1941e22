import type { Selection, SourceObject } from '../../producers/source.js'
import { torusObjects } from '../../producers/torus-objects.js'
import { inUploadOrder } from '../../producers/upload-order.js'

const at = (key: string, lastModified = 5): SourceObject => ({ bucket: 'b', key, size: 1, etag: 'e', lastModified })
const late = 'section/59/attempt_evaluated/2024-09-03T18-24-33.123456Z_1F0C.jsonl'
const early = 'section/60/video/2024-09-02T18-24-33Z_experiment-assessment-reward-7.jsonl.gz'
const other = 'export/all.jsonl'
const objects = [late, early, other, 'section/59/video/x.json', 'section/59/attempt_evaluated/', 'section/59/README'].map(key => at(key))
const plan = (selection: Selection) => inUploadOrder(torusObjects, objects, selection)
const keys = (selection: Selection) => plan(selection).map(each => each.key)

test('everything that has lines, oldest upload first', () => {
  expect(plan({})).toEqual([
    { ...at(other), compression: 'none', uploaded: 5, section: null, category: null },
    { ...at(early), compression: 'gzip', uploaded: Date.UTC(2024, 8, 2, 18, 24, 33), section: '60', category: 'video' },
    { ...at(late), compression: 'none', uploaded: Date.UTC(2024, 8, 3, 18, 24, 33, 123), section: '59', category: 'attempt_evaluated' },
  ])
})

test('by section, category, prefix and upload time', () => {
  expect(keys({ sections: ['59'] })).toEqual([late])
  expect(keys({ sections: ['59', '60'], categories: ['video'] })).toEqual([early])
  expect(keys({ sections: ['5'] })).toEqual([])
  expect(keys({ categories: ['attempt_evaluated'] })).toEqual([late])
  expect(keys({ prefix: 'export/' })).toEqual([other])
  expect(keys({ since: Date.UTC(2024, 8, 3) })).toEqual([late])
  expect(keys({ since: 5, until: Date.UTC(2024, 8, 2, 18, 24, 33) })).toEqual([other])
  expect(keys({ sections: [], categories: [] })).toHaveLength(3)
})

test.each<[string, Selection, string, boolean]>([
  ['export/part-0.json', {}, 'the name ends in neither .jsonl nor .jsonl.gz', false],
  [other, { categories: ['video'] }, 'its path is not section/<id>/<category>/<name>', false],
  [other, { sections: ['59'] }, 'its path is not section/<id>/<category>/<name>', false],
  [late, { sections: ['60'] }, 'it is of another section', true],
  [late, { categories: ['video'] }, 'it is of another category', true],
  [late, { until: Date.UTC(2000, 0, 1) }, 'it was uploaded at another time', true],
  [late, { prefix: 'export/' }, 'it is outside of the prefix', true],
])('says why %s is not taken with %j', (key, selection, why, known) => {
  expect(torusObjects.take(at(key), selection)).toEqual({ why, known })
})

test('equal upload times are ordered by key, whatever the order of the list', () => {
  const same = ['b.jsonl', 'a.jsonl', 'c.jsonl'].map(key => at(key))
  expect(inUploadOrder(torusObjects, same, {}).map(each => each.key)).toEqual(['a.jsonl', 'b.jsonl', 'c.jsonl'])
})

test('only what is selected is listed', () => {
  expect(torusObjects.prefixes({})).toEqual([''])
  expect(torusObjects.prefixes({ prefix: 'x/', categories: ['video'] })).toEqual(['x/'])
  expect(torusObjects.prefixes({ sections: ['59', '59', '60'] })).toEqual(['section/59/', 'section/60/'])
  expect(torusObjects.prefixes({ prefix: 'x', sections: ['59'], categories: ['video', 'page_viewed'] })).toEqual([
    'x/section/59/video/',
    'x/section/59/page_viewed/',
  ])
})

test('in a folder of uploads names are in order of time: what is new stands behind a name', () => {
  const since = Date.UTC(2024, 8, 2, 18, 24, 33, 500)
  const after = torusObjects.after('a/section/59/video/', since)!
  expect(after).toBe('a/section/59/video/2024-09-02T18-24-33')
  const name = (time: string) => `a/section/59/video/${time}_1F0C.jsonl` > after
  expect(['2024-09-02T18-24-33.5Z', '2024-09-02T18-24-33Z', '2024-09-02T18-24-34Z', '2025-01-01T00-00-00.000001Z'].map(name)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(name('2024-09-02T18-24-32.999999Z')).toBe(false)
  for (const folder of ['', 'section/', 'section/59/', 'export/', 'section/59/video/deeper/'])
    expect(torusObjects.after(folder, since)).toBeNull()
})
