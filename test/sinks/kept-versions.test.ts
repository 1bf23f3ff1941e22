import { keptVersions } from '../../sinks/kept-versions.js'

const hour = 3_600_000
const day = 24 * hour
const now = Date.UTC(2026, 10, 22, 12)
const at = (version: number, modified: number, bytes = 100) => ({ version, modified, bytes })
const usual = { now, shown: null, deleted: false }

test('all of the last 24 hours are kept, and of earlier days the last one each, 30 days back', () => {
  const versions = Array.from({ length: 41 * 24 }, (_, i) => at(i + 1, now - 41 * day + (i + 1) * hour))
  const { lately, daily, cleared } = keptVersions([...versions].reverse(), usual)
  const of = (numbers: readonly number[]) => numbers.map(n => new Date(versions[n - 1]!.modified).toISOString())
  expect(lately).toEqual(Array.from({ length: 24 }, (_, i) => 41 * 24 - 23 + i))
  // The last one of the 21st is one of the last 24 hours.
  expect([of(daily).at(0), of(daily).at(-1), daily.length]).toEqual(['2026-10-23T23:00:00.000Z', '2026-11-20T23:00:00.000Z', 29])
  expect(new Set([...lately, ...daily, ...cleared]).size).toBe(versions.length)
  expect(of(cleared).at(0)).toBe('2026-10-12T13:00:00.000Z')
})

test('the newest stays, however old it is, and so does the one that manifest.json shows', () => {
  const versions = [at(1, now - 90 * day), at(2, now - 80 * day), at(3, now - 70 * day)]
  expect(keptVersions(versions, usual)).toEqual({ lately: [3], daily: [], pinned: [], cleared: [1, 2] })
  expect(keptVersions(versions, { ...usual, shown: 2 })).toEqual({ lately: [2, 3], daily: [], pinned: [], cleared: [1] })
})

test('of a deleted dataset nothing stays for being the newest', () => {
  const versions = [at(1, now - 90 * day), at(2, now - 2 * day), at(3, now - hour)]
  expect(keptVersions(versions, { now, shown: 3, deleted: true })).toEqual({ lately: [3], daily: [2], pinned: [], cleared: [1] })
  expect(keptVersions(versions, { now: now + 60 * day, shown: 3, deleted: true })).toEqual({
    lately: [],
    daily: [],
    pinned: [],
    cleared: [1, 2, 3],
  })
})

test('what is cleared already is neither kept nor cleared again, however young it looks', () => {
  const versions = [at(1, now, 0), at(2, now - 40 * day), at(3, now, 0), at(4, now - hour)]
  expect(keptVersions(versions, usual)).toEqual({ lately: [4], daily: [], pinned: [], cleared: [2] })
  expect(keptVersions([at(1, now, 0)], usual)).toEqual({ lately: [], daily: [], pinned: [], cleared: [] })
})

test('a pinned version stays for ever, of a deleted dataset too', () => {
  const versions = [at(1, now - 900 * day), at(2, now - 800 * day), at(3, now - hour)]
  const pinned = new Set([1, 3])
  expect(keptVersions(versions, { ...usual, pinned })).toEqual({ lately: [3], daily: [], pinned: [1], cleared: [2] })
  expect(keptVersions(versions, { now: now + 60 * day, shown: 3, deleted: true, pinned })).toMatchObject({ pinned: [1, 3], cleared: [2] })
})
