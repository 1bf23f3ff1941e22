import { makeLagGate, type Priority } from '../../../runtime/sources/lag-gate.js'

/**
 * Route takes `perMs` records a ms, but nothing within `away`; a reader could send `feed` a ms. Returns the greatest lag and how much was
 * sent in `ms`.
 */
function play(perMs: number, feed: number, ms: number, away: readonly [from: number, to: number] = [0, 0]) {
  const gate = makeLagGate('history')
  let [sent, done, greatest, waits] = [0, 0, 0, 0]
  for (let now = 0; now < ms; now++) {
    if (now < away[0] || now >= away[1]) done = Math.min(sent, done + perMs)
    if (now % 500 === 0) gate.sample({ at: now, positions: done, ends: sent, lateMs: null })
    if (waits-- > 0) continue
    waits = gate.wait(now)
    if (waits > 0) continue
    sent += feed
    gate.sent(feed)
    greatest = Math.max(greatest, sent - done)
  }
  return { sent, greatest }
}

test('history never gets far ahead of a route that works, and costs it nothing', () => {
  for (const perMs of [2, 10, 20, 50]) {
    const { sent, greatest } = play(perMs, 100, 30_000)
    expect(greatest).toBeLessThan(Math.max(75_000, perMs * 3_500))
    expect(sent).toBeGreaterThan(perMs * 30_000 * 0.9)
  }
})

test('a route faster than the backfill is never waited for', () => {
  expect(play(50, 20, 10_000).sent).toBe(20 * 10_000)
})

test('with nobody to route the backfill goes on', () => {
  expect(play(0, 100, 10_000).sent).toBe(100 * 10_000)
})

test('while route is away for as long as its tasks take to move, history does not heap up before it', () => {
  expect(play(20, 100, 40_000, [10_000, 22_000]).greatest).toBeLessThan(75_000)
  // Longer than that nobody runs it: a backfill does not wait for ever.
  expect(play(20, 100, 60_000, [10_000, 60_000]).sent).toBeGreaterThan(1_000_000)
})

test('live may stand where history has to wait, and waits itself where the queue is longer still', () => {
  const waits = (priority: Priority, lag: number) => {
    const gate = makeLagGate(priority)
    gate.sample({ at: 0, positions: 0, ends: 0, lateMs: null })
    gate.sample({ at: 1000, positions: 20_000, ends: 20_000 + lag, lateMs: null })
    return gate.wait(1000) > 0
  }
  expect([25_000, 35_000, 55_000, 65_000].map(lag => [waits('history', lag), waits('live', lag)])).toEqual([
    [false, false],
    [true, false],
    [true, false],
    [true, true],
  ])
})

test('late sinks hold back history before they hold back what is live, and a look that is old says nothing', () => {
  const waits = (priority: Priority, lateMs: number | null, now = 100) => {
    const gate = makeLagGate(priority)
    gate.sample({ at: 0, positions: 0, ends: 0, lateMs })
    return gate.wait(now) > 0
  }
  expect([null, 2_000, 7_000, 12_000].map(lateMs => [waits('history', lateMs), waits('live', lateMs)])).toEqual([
    [false, false],
    [false, false],
    [true, false],
    [true, true],
  ])
  expect(waits('history', 12_000, 60_000)).toBe(false)
})

test('it is in use from a question or a send to the next sample', () => {
  const gate = makeLagGate('live')
  expect(gate.inUse).toBe(false)
  for (const use of [() => gate.wait(0), () => gate.sent(1)]) {
    use()
    expect(gate.inUse).toBe(true)
    gate.sample({ at: 1, positions: 0, ends: 0, lateMs: null })
    expect(gate.inUse).toBe(false)
  }
})
