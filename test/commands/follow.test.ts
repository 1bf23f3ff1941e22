import { followCommand } from '../../commands/follow.js'
import { followProgressText, followSumText } from '../../commands/follow-text.js'
import { statusText } from '../../commands/status-text.js'
import { readConfig } from '../../config.js'
import { configuredFollow } from '../../runtime/follow/follow-role.js'
import type { FollowSum } from '../../runtime/follow/request.js'

const sum: FollowSum = {
  id: '0a1b2c3d',
  objects: 12,
  bytes: 1_200_000,
  lines: 1_203,
  blank: 1,
  published: 1_200,
  refused: { too_large: 2 },
  gone: 1,
  left: 0,
  messages: { read: 12, done: 3, gone: 1, ignored: 0, test: 1, foreign: 0, unreadable: 0, left: 0 },
  seconds: 303,
}

test('the last line is the sum, and messages are told by what became of them', () => {
  const lines = followSumText(sum).split('\n')
  expect(lines[0]).toBe('follow 0a1b2c3d: 12 objects, 1.2 MB in 5 min 3 s; 1 gone')
  expect(lines.at(-1)).toBe('lines 1203 = blank 1 + published 1200 + refused 2')
  expect(lines).toContain('done             3')
  expect(lines.join()).not.toContain('foreign')
  expect(followSumText({ ...sum, gone: 0, refused: {}, messages: null, lines: 1201 }).split('\n')).toHaveLength(2)
})

test('the line says what waits, and for how long', () => {
  const progress = { objects: 3, lines: 1200, waiting: 0, behindSeconds: 0, newest: null }
  expect(followProgressText(progress)).toBe('3 objects  1,200 lines  nothing waits')
  const busy = { ...progress, waiting: 2, behindSeconds: 4.21, newest: 'section/1/video/x.jsonl' }
  expect(followProgressText(busy)).toBe('3 objects  1,200 lines  2 objects waiting, 4.2 s behind  newest section/1/video/x.jsonl')
})

test('the settings say what the role follows', () => {
  expect(configuredFollow(readConfig({}))).toBeNull()
  const env = {
    FOLLOW_BUCKET: 'b',
    FOLLOW_SECTIONS: '1, 2',
    FOLLOW_SINCE: '2024-09-01',
    FOLLOW_EVERY_SECONDS: '2',
    FOLLOW_QUEUE_URL: 'https://q',
  }
  expect(configuredFollow(readConfig(env))).toEqual({
    bucket: 'b',
    sections: ['1', '2'],
    prefixes: [],
    categories: [],
    since: Date.UTC(2024, 8, 1),
    queue: 'https://q',
    everyMs: 2000,
    overlapMs: 900_000,
    listsPerSecond: 10,
  })
  expect(() => readConfig({ FOLLOW_SINCE: 'yesterday' })).toThrow('FOLLOW_SINCE=yesterday: must be a date')
})

test('what is not given is as the settings say, and nothing at all is wrong usage', async () => {
  const absent = {
    bucket: null,
    section: [],
    prefix: [],
    category: [],
    since: null,
    queue: null,
    every: null,
    overlap: null,
    listsPerSecond: null,
  }
  const run = (options: object, env: Record<string, string>) =>
    followCommand.run(
      { config: () => readConfig(env) } as unknown as Parameters<typeof followCommand.run>[0],
      { ...absent, ...options },
      {},
    )
  await expect(run({}, {})).rejects.toMatchObject({ code: 'WRONG_USAGE', message: expect.stringContaining('--bucket') })
  await expect(run({ bucket: 'b' }, {})).rejects.toMatchObject({ code: 'WRONG_USAGE', message: expect.stringContaining('--section') })
})

test('status tells how far a follow is', () => {
  const decided = { replayed: 0, discarded: 0 }
  const totals = { xapi: 0, routeLag: 0, aggregateLag: 0, sinkLag: 0, events: 0, duplicates: 0, deadLetters: 0, refused: {}, decided }
  const one = { id: '0a1b2c3d', bucket: 'uploads', sections: ['1', '2'], prefixes: [], categories: ['video'], queue: null }
  const at = '2025-02-03T04:05:06.000Z'
  const follows = [{ ...one, newest: 'k', newestAt: at, through: at, waiting: 2, ageSeconds: 12 }]
  const text = statusText({ at, unknown: [], roles: [], partitions: [], totals, datasets: [], backfills: [], follows })
  expect(text).toContain(`0a1b2c3d  uploads section 1, section 2, video  listing        2  ${at}  ${at}  12 s ago`)
})
