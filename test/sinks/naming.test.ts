import {
  datasetPrefix,
  indexKey,
  manifestKey,
  manifestVersionKey,
  manifestVersionOf,
  manifestVersionsPrefix,
  objectUrl,
  parsePieceKey,
  pieceKey,
  revisionPrefix,
} from '../../sinks/naming.js'

const name = {
  dataset: 'algebra',
  generation: 1,
  revision: 42,
  topic: 'events.attempt',
  partition: 3,
  firstOffset: 12,
  lastOffset: 99,
  sha256: '0123456789abcdef'.repeat(4),
  extension: 'csv',
} as const

it('names a file by what it contains', () => {
  expect(pieceKey(name)).toBe('algebra/g1-r42/events.attempt-p3/00000000000000000012-00000000000000000099-0123456789ab.csv')
})

it('is read back from a key, a URL and a path', () => {
  const key = pieceKey(name)
  const found = { ...name, key, sha256: name.sha256.slice(0, 12), bucket: null }
  for (const text of [key, `https://s3.example.org/bucket/${key}`, `./data/${key}`, `s3://bucket/${key}`])
    expect(parsePieceKey(text)).toEqual(found)
  for (const text of [
    '',
    `${key}.part`,
    key.replace('events.attempt', 'events.nothing'),
    key.replace('algebra', ''),
    manifestKey('algebra'),
  ])
    expect(parsePieceKey(text)).toBeNull()
})

it('tells a file of a bucket that has several', () => {
  const key = pieceKey({ ...name, topic: 'state.learners', bucket: { index: 2, of: 16, part: 3 } })
  expect(key).toContain('/b2of16.3-0')
  expect(parsePieceKey(key)?.bucket).toEqual({ index: 2, of: 16, part: 3 })
})

it('tells the bucket of a snapshot', () => {
  const key = pieceKey({ ...name, topic: 'state.learners', bucket: { index: 2, of: 16 } })
  expect(key).toBe('algebra/g1-r42/state.learners-p3/b2of16-00000000000000000012-00000000000000000099-0123456789ab.csv')
  expect(parsePieceKey(key)).toMatchObject({ topic: 'state.learners', bucket: { index: 2, of: 16 }, firstOffset: 12, lastOffset: 99 })
})

it('lists files in the order of their offsets', () => {
  const offsets = [0, 9, 10, 99, 12_345, 2 ** 40, Number.MAX_SAFE_INTEGER]
  const keys = offsets.map(firstOffset => pieceKey({ ...name, firstOffset, lastOffset: firstOffset }))
  expect([...keys].sort()).toEqual(keys)
})

it('lies below its revision and its dataset, and no other', () => {
  expect(pieceKey(name).startsWith(revisionPrefix('algebra', 1, 42))).toBe(true)
  expect(pieceKey(name).startsWith(revisionPrefix('algebra', 1, 4))).toBe(false)
  expect(pieceKey(name).startsWith(datasetPrefix('algebra'))).toBe(true)
  expect(pieceKey({ ...name, dataset: 'algebra-2' }).startsWith(datasetPrefix('algebra'))).toBe(false)
})

it('has one key per manifest version, in order, and finds the version back', () => {
  expect(manifestKey('a')).toBe('a/manifest.json')
  expect(indexKey('a')).toBe('a/index.html')
  expect(manifestVersionKey('a', 7)).toBe('a/manifests/0000000007.json')
  for (const version of [0, 7, 1_234_567_890]) expect(manifestVersionOf('a', manifestVersionKey('a', version))).toBe(version)
  for (const key of ['7.json', '0000000007.xml', '', '000000000x.json', '-000000007.json'])
    expect(manifestVersionOf('a', manifestVersionsPrefix('a') + key)).toBeNull()
  expect(manifestVersionOf('a', 'b/manifests/0000000007.json')).toBeNull()
})

it('encodes every part of a URL', () => {
  expect(objectUrl('http://s3.example.org/bucket/', 'a b/c#d/é?.csv')).toBe('http://s3.example.org/bucket/a%20b/c%23d/%C3%A9%3F.csv')
})
