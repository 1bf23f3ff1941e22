import { type Folder, FolderSchedule } from '../../../runtime/follow/folder-schedule.js'

const everyMs = 5_000

/** Looks for `ms`, one request each, `busy` having news each time. Returns how often each folder was looked into in the second half. */
function play(folders: readonly string[], listsPerSecond: number, ms: number, busy: (prefix: string) => boolean) {
  const schedule = new FolderSchedule(folders, { everyMs, listsPerSecond }, 0)
  const looks = new Map<string, number>()
  let requests = 0
  for (let now = 0; now < ms; ) {
    const next = schedule.next(now)
    if (typeof next === 'number') {
      now += Math.max(1, next)
      continue
    }
    requests++
    if (now > ms / 2) looks.set(next.prefix, (looks.get(next.prefix) ?? 0) + 1)
    schedule.looked(next.prefix, { requests: 1, news: busy(next.prefix), mark: now, folders: null }, now)
  }
  return { looks, requests, longest: schedule.longestWaitMs(ms) }
}
const names = (n: number) => Array.from({ length: n }, (_, i) => `f${i}/`)

test('as long as the listings suffice every folder is looked into in turn, however quiet', () => {
  const { looks, requests } = play(names(20), 10, 200_000, prefix => prefix === 'f3/')
  expect(requests).toBeGreaterThan(20 * 38)
  for (const times of looks.values()) expect(Math.abs(times - 20)).toBeLessThanOrEqual(1)
})

test('when they do not suffice, those with news come first, each gets its turn, and the cost is what was allowed', () => {
  const ms = 4 * 3_600_000
  const { looks, requests, longest } = play(names(600), 0.4, ms, prefix => /^f[0-4]\/$/.test(prefix))
  expect(requests).toBeLessThanOrEqual((ms / 1000) * 0.4 + 1)
  expect(looks.size).toBe(600)
  const busy = ms / 2 / looks.get('f0/')!
  const quiet = ms / 2 / looks.get('f100/')!
  // Seconds against half an hour.
  expect(busy).toBeLessThan(40_000)
  expect(quiet).toBeLessThan(50 * 60_000)
  expect(longest).toBeLessThan(60 * 60_000)
})

test('a listing of many pages is paid for', () => {
  const schedule = new FolderSchedule(['a/'], { everyMs: 1000, listsPerSecond: 10 }, 0)
  schedule.looked('a/', { requests: 30, news: false, mark: 0, folders: null }, 0)
  expect(schedule.next(1000)).toBe(2000)
  expect(schedule.next(3000)).toMatchObject({ prefix: 'a/' })
})

test('folders come and go with their parents, and the mark is that of the one seen longest ago', () => {
  const schedule = new FolderSchedule(['root/'], { everyMs, listsPerSecond: 1000 }, 100)
  const look = (mark: number, folders: readonly string[] | null, prefix = 'root/') =>
    schedule.looked(prefix, { requests: 1, news: false, mark, folders }, mark)
  look(500, ['root/a/', 'root/b/'])
  expect([schedule.size, schedule.mark]).toEqual([3, 100])
  look(600, null, 'root/a/')
  look(700, ['root/b/deep/'], 'root/b/')
  look(800, null, 'root/b/deep/')
  expect(schedule.mark).toBe(500)
  look(900, ['root/a/'])
  expect([schedule.size, schedule.mark]).toEqual([2, 600])
  expect((schedule.next(900 + everyMs) as Folder).prefix).toBe('root/a/')
})
