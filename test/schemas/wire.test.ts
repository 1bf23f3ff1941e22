import { deadLetterId } from '../../schemas/dead-letter-id.js'
import { learnerKey, normalHost } from '../../schemas/learner-key.js'
import { encodeMarker, parseMarker } from '../../schemas/marker.js'
import { decodeRouteSeen, encodeRouteSeen, idRules } from '../../schemas/route-seen.js'
import { sessionKey } from '../../schemas/session-state.js'
import {
  decodeSourcesRecord,
  encodeSourcesValue,
  type FollowRecord,
  followKeyOf,
  type ObjectRecord,
  objectKeyOf,
  type RunRecord,
  runKeyOf,
  runSoFar,
} from '../../schemas/sources.js'
import { isControlKey, knownPosition, markerKey, positionKey } from '../../schemas/state-records.js'
import { kindOf, verbs } from '../../schemas/vocabulary.js'

test.each([
  ['proton.oli.cmu.edu', 'proton.oli.cmu.edu'],
  ['https://Proton.OLI.cmu.edu/', 'proton.oli.cmu.edu'],
  ['HTTP://x:8080/a/B//', 'x:8080/a/b'],
  ['http://', ''],
  ['', ''],
])('host of %s', (homePage, host) => {
  expect(normalHost(homePage)).toBe(host)
})

test('learner keys cannot be mistaken for one another', () => {
  expect(learnerKey('2400', 'torus.example.edu', '42')).toBe('2400|torus.example.edu|42')
  expect(learnerKey('a|b', '', 'c%d')).toBe('a%7Cb||c%25d')
  expect(learnerKey('a', 'b|c', 'd')).not.toBe(learnerKey('a|b', 'c', 'd'))
})

test('a verb alone decides nothing', () => {
  expect(kindOf(verbs.completed, undefined)).toBe('other')
  expect(kindOf(verbs.completed, ['http://adlnet.gov/expapi/activities/question'])).toBe('other')
  expect(kindOf('__proto__', 'constructor')).toBe('other')
})

test('markers', () => {
  const marker = { kind: 'sealed', run: '2025-01-01-x', partition: 11 } as const
  expect(parseMarker(encodeMarker(marker))).toEqual(marker)
  expect(JSON.parse(encodeMarker(marker).toString())).toEqual(marker)
})

test('control records of state topics: no key of a learner or a session is taken for one', () => {
  const known = { 'events.attempt': 12, 'events.other': 0 }
  expect(knownPosition({ next: { ...known, 'events.of-later': 3 } })).toEqual({ next: known })
  expect([positionKey('learners'), markerKey('a|b')].map(isControlKey)).toEqual([true, true])
  const learner = learnerKey('marker', '|', '')
  expect([learner, sessionKey(learner, 0), learnerKey('', '', ''), 'position'].map(isControlKey)).toEqual([false, false, false, false])
  expect(sessionKey('145|h|7', -1)).toBe('145|h|7|1969-12-31T23:59:59.999999Z')
})

test('route-seen', () => {
  const keys = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)]
  const value = encodeRouteSeen(2 ** 50 + 1, keys)
  expect(value).toHaveLength(11 + 32)
  expect(decodeRouteSeen(value)).toEqual({ position: 2 ** 50 + 1, idRules, keys })
  expect(decodeRouteSeen(encodeRouteSeen(0, []))).toEqual({ position: 0, idRules, keys: [] })
  // As it was before the rules of ids had a number.
  expect(decodeRouteSeen(Buffer.concat([Buffer.from([1]), value.subarray(3)]))).toEqual({ position: 2 ** 50 + 1, idRules: 1, keys })
  expect(() => encodeRouteSeen(0, [Buffer.alloc(15)])).toThrow('15 bytes')
  for (const bad of [
    Buffer.alloc(0),
    Buffer.from([1]),
    Buffer.from([3, ...Buffer.alloc(10)]),
    Buffer.from([2, ...Buffer.alloc(9)]),
    value.subarray(0, -1),
  ])
    expect(() => decodeRouteSeen(bad)).toThrow('decoding route-seen')
})

test('a dead letter has the id of its place', () => {
  const line = { object: 's3://b/k', line: 7 }
  expect(deadLetterId(line)).toBe(deadLetterId({ ...line }))
  expect(deadLetterId(line)).toMatch(/^[0-9a-f]{32}$/)
  const ids = [line, { ...line, line: 8 }, { topic: 'xapi', partition: 1, offset: 7 }, { topic: 'xapi', partition: 7, offset: 1 }].map(
    deadLetterId,
  )
  expect(new Set(ids).size).toBe(4)
  // Frozen: a repeated run after an upgrade must give the same ones.
  expect(ids[0]).toBe('5eed0d109675e982c8a012ff0377237e')
})

test('sources', () => {
  const object: ObjectRecord = {
    etag: 'e',
    size: 1,
    lines: 2,
    blank: 0,
    published: 1,
    refused: { too_large: 1 },
    run: 'r',
    at: '2025-01-01T00:00:00Z',
    topicId: 't',
  }
  const counts = { objects: 1, skipped: 0, bytes: 1, lines: 2, blank: 0, published: 1, refused: {} }
  const run: RunRecord = {
    plan: { objects: 1, bytes: 1 },
    sections: ['59'],
    loads: { sections: [], categories: { video: ['59'] } },
    notTaken: [{ why: 'w', objects: 1, examples: ['a'] }],
    state: 'sealed',
    counts,
    startedAt: 'a',
    endedAt: null,
    request: '{}',
    sealed: null,
    topicId: 't',
  }
  expect(decodeSourcesRecord(runKeyOf('r'), encodeSourcesValue(run))).toEqual({ is: 'run', id: 'r', run })
  // A twin that wakes up late may write anything: the run stays sealed.
  expect([{ ...run, state: 'ended' as const }, run, { ...run, state: 'ended' as const }].reduce<RunRecord | null>(runSoFar, null)).toBe(run)
  const key = objectKeyOf({ bucket: 'run', key: 'x' })
  expect(decodeSourcesRecord(key, encodeSourcesValue(object))).toEqual({ is: 'object', id: 'run/x', object })
  const follow: FollowRecord = {
    request: '{}',
    since: '2025-01-01T00:00:00.000Z',
    through: null,
    newest: { key: 'a', uploaded: '2025-01-01T00:00:00.000Z' },
    waiting: 0,
    at: '2025-01-02T00:00:00.000Z',
  }
  expect(decodeSourcesRecord(followKeyOf('f'), encodeSourcesValue(follow))).toEqual({ is: 'follow', id: 'f', follow })
  // An object in a bucket that is named like a follow.
  expect(decodeSourcesRecord('follow/f', encodeSourcesValue(object))).toMatchObject({ is: 'object', id: 'follow/f' })
  expect(() => decodeSourcesRecord('x', Buffer.from('{}'))).toThrow('decoding sources')
})
