import { appendFileSync } from 'node:fs'
import { dump } from './dump.js'
import { slowdown } from './slow-machine.js'
import type { World } from './world.js'

const pollMs = 100

/** Asks until the answer is not null. At the deadline, in seconds of a quiet machine, it fails with the state of the world. Returns the answer and the seconds that it took. */
export async function until<T>(
  world: World,
  what: string,
  seconds: number,
  ask: () => Promise<T | null> | T | null,
): Promise<{ answer: T; seconds: number }> {
  const began = Date.now()
  let allowed = seconds
  for (;;) {
    const answer = await ask()
    const passed = (Date.now() - began) / 1000
    if (answer !== null) {
      note(what, passed, allowed)
      return { answer, seconds: passed }
    }
    allowed = Math.max(allowed, seconds * slowdown())
    if (passed > allowed) throw new Error(`waited ${Math.round(passed)} s for: ${what}\n${await dump(world)}`)
    await world.services.clock.sleep(pollMs)
  }
}

/** For the list of waits with the least slack, at the end of a run of all tests. */
function note(what: string, seconds: number, allowed: number): void {
  const file = process.env.TRIBUTARY_TEST_WAITS
  if (file) appendFileSync(file, `${JSON.stringify({ path: expect.getState().testPath, what, seconds, allowed })}\n`)
}
