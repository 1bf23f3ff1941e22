import { dump } from './dump.js'
import type { World } from './world.js'

const pollMs = 100

/** Asks until the answer is not null. At the deadline it fails with the state of the world. Returns the answer and the seconds that it took. */
export async function until<T>(
  world: World,
  what: string,
  seconds: number,
  ask: () => Promise<T | null> | T | null,
): Promise<{ answer: T; seconds: number }> {
  const began = Date.now()
  for (;;) {
    const answer = await ask()
    const passed = (Date.now() - began) / 1000
    if (answer !== null) return { answer, seconds: passed }
    if (passed > seconds) throw new Error(`waited ${seconds} s for: ${what}\n${await dump(world)}`)
    await world.services.clock.sleep(pollMs)
  }
}
