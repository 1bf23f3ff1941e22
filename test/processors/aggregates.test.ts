import { isDeepStrictEqual } from 'node:util'
import { engagement } from '../../processors/engagement.js'
import type { Event } from '../../schemas/event.js'
import { type Random, seeded } from '../schemas/random.js'
import { drive, frozen } from './drive.js'
import { naiveStates } from './naive-states.js'
import { randomEvents } from './random-events.js'

/** Some events twice, all in any order, cut anywhere. */
function told(random: Random, events: readonly Event[]): Event[][] {
  const again = events.filter(() => random.below(4) === 0)
  const all = random.shuffle([...events, ...again])
  const batches: Event[][] = []
  for (let at = 0; at < all.length; ) {
    const size = 1 + random.below(8)
    batches.push(all.slice(at, at + size))
    at += size
  }
  return batches
}

const worlds = [
  { learners: 1, guids: 3, sources: 3, minutes: 90 },
  { learners: 2, guids: 4, sources: 4, minutes: 400 },
  { learners: 1, guids: 2, sources: 8, minutes: 30 },
]

test.each([0, 1, 2, 3, 4])('10,000 orders give the states that the whole set gives (part %i of five)', part => {
  for (let seed = part * 100; seed < part * 100 + 100; seed++) {
    const random = seeded(seed)
    const events = frozen(randomEvents(random, 2 + random.below(24), random.pick(worlds)))
    const expected = naiveStates(events)
    for (let order = 0; order < 20; order++) {
      const batches = told(random, events)
      const got = drive(engagement, batches).states
      if (!isDeepStrictEqual(got, expected)) expect({ seed, order, ...got }).toEqual({ seed, order, ...expected })
    }
  }
})
