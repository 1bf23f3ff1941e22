import { ownStates, sightOf } from '../../verify/deep/own-states.js'
import { keyOf } from '../processors/drive.js'
import { naiveStates } from '../processors/naive-states.js'
import { randomEvents } from '../processors/random-events.js'
import { seeded } from '../schemas/random.js'

test('the checker makes the same states of events as the slow and plain way', () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seeded(seed)
    const events = randomEvents(random, 1 + random.below(40), { learners: 1, guids: 3, sources: 3, minutes: random.pick([30, 90, 400]) })
    const key = keyOf(events[0]!)
    const { learner, sessions } = ownStates(events.map(sightOf), key)
    const expected = naiveStates(events)
    expect({ seed, ...expected['state.learners'][key] }).toMatchObject({ seed, ...learner })
    expect([...sessions.keys()].sort()).toEqual(Object.keys(expected['state.sessions']))
    for (const [name, session] of sessions) expect({ seed, ...expected['state.sessions'][name] }).toMatchObject({ seed, ...session })
  }
})
