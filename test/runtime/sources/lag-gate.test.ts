import { makeLagGate } from '../../../runtime/sources/lag-gate.js'

/** Route takes `perMs` records a ms; a backfill could send `feed` a ms. Returns the greatest lag and how much was sent in `ms`. */
function play(perMs: number, feed: number, ms: number) {
  const gate = makeLagGate()
  let [sent, done, greatest, waits] = [0, 0, 0, 0]
  for (let now = 0; now < ms; now++) {
    done = Math.min(sent, done + perMs)
    if (now % 500 === 0) gate.sample({ at: now, positions: done, ends: sent })
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
