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
    if (answer !== null) return { answer, seconds: passed }
    allowed = Math.max(allowed, seconds * slowdown())
    if (passed > allowed) throw new Error(`waited ${Math.round(passed)} s for: ${what}\n${await dump(world)}`)
    await world.services.clock.sleep(pollMs)
  }
}
