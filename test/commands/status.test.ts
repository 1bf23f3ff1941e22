import { troubles } from '../../commands/status-check.js'
import { watchedText } from '../../commands/status-stale.js'
import { statusText } from '../../commands/status-text.js'
import { makeTrend } from '../../commands/status-trend.js'
import { makeScreen } from '../../commands/terminal/screen.js'
import { sparkline } from '../../commands/terminal/sparkline.js'
import type { Status } from '../../runtime/status.js'
import { capture } from './capture.js'

function status(seconds: number, end: number, route: number, sink: number, partitions = 1, aggregate = route): Status {
  const each = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    end,
    route: { position: route, lag: end - route },
    aggregates: { engagement: { position: aggregate, lag: route - aggregate } },
    aggregate: { position: aggregate, lag: route - aggregate },
    sink: { position: sink, lag: end - sink },
  }))
  const role = { members: 1, tasks: partitions, of: partitions, committedSeconds: 2 }
  return {
    at: new Date(Date.UTC(2025, 0, 6, 8, 0, seconds)).toISOString(),
    unknown: [],
    roles: [
      { role: 'route', ...role, lag: (end - route) * partitions },
      { role: 'aggregate', ...role, lag: (route - aggregate) * partitions },
      { role: 'sink', ...role, members: 0, tasks: 0, lag: (end - sink) * partitions, committedSeconds: null },
      { role: 'publish', ...role, lag: null },
    ],
    partitions: each,
    totals: {
      xapi: end + 8,
      statements: end,
      routeLag: (end - route) * partitions,
      aggregateLag: (route - aggregate) * partitions,
      sinkLag: (end - sink) * partitions,
      events: route,
      duplicates: 0,
      deadLetters: 5,
      refused: { invalid_json: 1, missing_key: 4 },
      decided: { replayed: 0, discarded: 2 },
    },
    datasets: [
      {
        id: 'attempts',
        kind: 'attempt_evaluated',
        revision: 0,
        state: 'current',
        stopped: [],
        version: 3,
        rows: 10,
        files: 1,
        updatedAt: null,
        completeThrough: null,
        ageSeconds: seconds,
      },
    ],
    backfills: [{ id: 'run', state: 'sealed', objects: 2, lines: 30, refused: 1, notTaken: [] }],
    follows: [],
  }
}

test('who runs, how far they are, and refusals by code', () => {
  const text = statusText(status(0, 5000, 4000, 3000))
  expect(text).toMatch(/^route +1 +1 of 1 +1,000 +2\.0 s ago$/m)
  expect(text).toMatch(/^sink +none +0 of 1 +2,000 +never$/m)
  expect(text).toMatch(/^publish +1 +1 of 1 +- +2\.0 s ago$/m)
  expect(text).toMatch(/^statements \(xapi\) +5,000$/m)
  expect(text).toMatch(/^dead letters +5 \(missing_key 4, invalid_json 1\); 2 discarded$/m)
  expect(text).toMatch(/^behind +route 1,000, sinks 2,000$/m)
  const behind = statusText(status(0, 5000, 5000, 5000, 1, 4990))
  expect(behind).toMatch(/^aggregate +1 +1 of 1 +10 +2\.0 s ago$/m)
  expect(behind).toMatch(/^behind +aggregates 10$/m)
  expect(behind).toMatch(/^ *0 +5,?000 +5,?000 +0 +4,?990 +10 +5,?000 +0$/m)
  expect(text).toMatch(/^run +sealed +2 +0 +30 +1$/m)
})

test('of many partitions only those that are behind', () => {
  const idle = statusText(status(0, 10, 10, 10, 40))
  expect(idle).toMatch(/^… and 40 more, which are not behind$/m)
  expect(statusText(status(0, 10, 9, 9, 40))).toMatch(/^… and 24 more$/m)
})

test('the trend: pace, which way the lag goes, and when it is gone', () => {
  const trend = makeTrend()
  trend.sample(status(0, 10_000, 2000, 1000))
  expect(trend.of('route')).toBeNull()
  trend.sample(status(10, 11_000, 5000, 1000))
  expect(trend.of('route')).toEqual({ rate: 300, lagRate: -200, secondsLeft: 30, lags: [8000, 6000] })
  expect(trend.of('sink')).toMatchObject({ rate: 0, lagRate: 100, secondsLeft: null })
  expect(trend.ages('attempts')).toEqual([0, 10])
  // Only the last half minute counts.
  trend.sample(status(45, 11_000, 11_000, 2000))
  expect(trend.of('route')).toBeNull()
  const text = statusText(status(45, 11_000, 11_000, 2000), trend)
  expect(text).toMatch(/^attempts .* ▁▃█$/m)
})

test('bars between nothing and the greatest', () => {
  expect([sparkline([0, 50, 100]), sparkline([0, 0]), sparkline([])]).toEqual(['▁▅█', '▁▁', ''])
})

test('a screen is drawn over, never wider or higher than the terminal', () => {
  const stream = Object.assign(capture({ columns: 10 }), { rows: 4 })
  const screen = makeScreen(stream)
  screen.draw('a line that is too wide\nb')
  screen.draw('1\n2\n3\n4\n5')
  const [first, second] = stream.text().split('\u001b[J')
  expect(first).toBe('\u001b[2J\u001b[Ha line t…\u001b[K\nb\u001b[K\n')
  expect(second).toBe('\u001b[H1\u001b[K\n2\u001b[K\n… 3 more lines\u001b[K\n')
})

/** As it is read while S3 and the registry are away, and partition 1 of `xapi` has no leader. */
function inPart(seconds: number): Status {
  const { roles, partitions, totals, datasets, ...rest } = status(seconds, 5000, 4000, 3000, 2)
  const { id, kind, revision } = datasets[0]!
  return {
    ...rest,
    unknown: [
      { server: 's3', why: 'no answer within 3 s' },
      { server: 'kafka', why: 'no broker leads xapi/1' },
    ],
    roles: roles.map(({ committedSeconds, ...role }) =>
      role.role === 'publish' ? role : { ...role, committedSeconds: committedSeconds ?? null },
    ),
    partitions: [partitions[0]!, { partition: 1, aggregates: {} }],
    totals: { decided: totals.decided },
    datasets: [{ id, kind, revision }],
  }
}

test('what is not known is marked, and said above the rest', () => {
  const text = statusText(inPart(0))
  expect(text).toMatch(/^S3: no answer within 3 s; what it knows is shown as \?\nKafka: no broker leads xapi\/1; .*\n\nROLE/)
  expect(text).toMatch(/^publish +1 +2 of 2 +- +\?$/m)
  expect(text).toMatch(/^events +\?$/m)
  expect(text).toMatch(/^dead letters +\?$/m)
  expect(text).toMatch(/^behind +route \?, aggregates \?, sinks \?$/m)
  expect(text).toMatch(/^attempts +attempt_evaluated +\? +\? +\? +\? +\? +\?$/m)
  expect(text).toMatch(/^ +1( +\?){7}$/m)
})

test('watched, it is shown as it was known last, and since when is on top', () => {
  const trend = makeTrend()
  const whole = status(0, 5000, 4000, 3000, 2)
  expect(watchedText(whole, whole, null, trend)).toMatch(/^2025-01-06T08:00:00.000Z\n\nROLE/)
  const stale = watchedText(whole, inPart(9), null, trend)
  expect(stale).toMatch(/^stale since 2025-01-06T08:00:00.000Z\n\nS3: no answer within 3 s; what it knows is shown as it was\n/)
  expect(stale).not.toContain(' ?')
  expect(stale).toMatch(/^events +4,000$/m)
  expect(stale).toMatch(/^attempts +attempt_evaluated +current +10 +1 +3 /m)
  expect(watchedText(whole, null, 'KAFKA_UNREACHABLE …', trend)).toMatch(
    /^stale since 2025-01-06T08:00:00.000Z\nKAFKA_UNREACHABLE …\n\nROLE/,
  )
  // Nothing to fall back on yet.
  expect(watchedText(null, inPart(9), null, trend)).toMatch(/^2025-01-06T08:00:09.000Z\n\nS3: .*\?\n/)
  expect(watchedText(null, null, 'KAFKA_UNREACHABLE …', trend)).toBe('not known yet\nKAFKA_UNREACHABLE …')
})

test('a monitor hears of each role that does not run, of tasks that nobody has, and of servers that are away', () => {
  const well = status(0, 10, 10, 10, 2)
  const running = { ...well, roles: well.roles.map(role => ({ ...role, members: 1, tasks: 2 })) }
  expect(troubles(running)).toEqual([])
  expect(troubles(status(0, 10, 10, 10, 2))).toEqual(['sink: no process runs'])
  const [route, ...others] = running.roles
  expect(troubles({ ...running, roles: [{ ...route!, tasks: 1 }, ...others] })).toEqual(['route: 1 of 2 tasks have a process'])
  const { members, ...silent } = route!
  expect(members).toBe(1)
  expect(troubles({ ...running, roles: [silent, ...others], unknown: inPart(0).unknown })).toEqual([
    'route: not known whether it runs',
    's3: no answer within 3 s',
    'kafka: no broker leads xapi/1',
  ])
})
