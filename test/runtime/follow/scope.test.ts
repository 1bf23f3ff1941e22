import { torusObjects } from '../../../producers/torus-objects.js'
import type { FollowRequest } from '../../../runtime/follow/request.js'
import { scopeOf } from '../../../runtime/follow/scope.js'

const request: FollowRequest = {
  bucket: 'b',
  sections: [],
  prefixes: [],
  categories: [],
  since: null,
  queue: null,
  everyMs: 1000,
  overlapMs: 1000,
  listsPerSecond: 1,
}
const scope = (part: Partial<FollowRequest>) => scopeOf(torusObjects, { ...request, ...part })
const at = (key: string) => ({ bucket: 'b', key, size: 1, etag: 'e', lastModified: 7 })

test('the same request has the same name, however it is written and however often it looks', () => {
  const { id, text } = scope({ sections: ['2', '1', '2'], prefixes: ['x/'] })
  expect(scope({ sections: ['1', '2'], prefixes: ['x/', 'x/'], everyMs: 9, overlapMs: 9, since: 9 })).toMatchObject({ id, text })
  expect(id).toMatch(/^[0-9a-f]{8}$/)
  for (const other of [{ bucket: 'c' }, { sections: ['1'] }, { prefixes: ['y/'] }, { categories: ['video'] }, { queue: 'q' }])
    expect(scope({ sections: ['1', '2'], prefixes: ['x/'], ...other }).id).not.toBe(id)
})

test('nothing is listed twice, and an object of two prefixes is there once', () => {
  const { roots, plan } = scope({ prefixes: ['a/', 'a/b/', 'c/'] })
  expect(roots).toEqual(['a/', 'c/'])
  const keys = ['a/1.jsonl', 'a/b/2.jsonl', 'c/3.jsonl', 'd/4.jsonl'].map(at)
  expect(plan(keys).map(({ key }) => key)).toEqual(['a/1.jsonl', 'a/b/2.jsonl', 'c/3.jsonl'])
  expect(plan(keys, 8)).toEqual([])
})

test('sections below prefixes, and categories', () => {
  const { roots, plan } = scope({ sections: ['1'], prefixes: ['p/', 'q/'], categories: ['video'] })
  expect(roots).toEqual(['p/section/1/video/', 'q/section/1/video/'])
  const keys = ['p/section/1/video/x.jsonl', 'q/section/1/other/x.jsonl', 'p/section/2/video/x.jsonl'].map(at)
  expect(plan(keys).map(({ key }) => key)).toEqual(['p/section/1/video/x.jsonl'])
})
