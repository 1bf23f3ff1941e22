import { homeOfKey } from '../../../runtime/inspect/home-of-key.js'
import { resolveTopic } from '../../../runtime/inspect/resolve-topic.js'
import { partitionOf } from '../../../schemas/partition.js'

const naming = { prefix: 'demo.', generation: 3 }

test.each([
  ['events.attempt', 'events.attempt', 'demo.events.attempt.g3'],
  ['demo.events.attempt.g3', 'events.attempt', 'demo.events.attempt.g3'],
  ['events.attempt.g2', 'events.attempt', 'demo.events.attempt.g2'],
  ['xapi', 'xapi', 'demo.xapi'],
  ['demo.xapi', 'xapi', 'demo.xapi'],
])('%s is %s: %s', (given, id, name) => {
  expect(resolveTopic(given, naming)).toEqual({ id, name })
})

test.each([['xapi.g1'], ['events'], ['__consumer_offsets'], ['events.attempt.g0']])('%s is none of ours', given => {
  expect(() => resolveTopic(given, naming)).toThrow(/there is no topic .*; there are xapi, events\.attempt/)
})

test('a key leads to its partition where the key decides it, and to none elsewhere', () => {
  const home = (key: string) => partitionOf(Buffer.from(key), 12)
  expect(homeOfKey('xapi', 'a|b|c', 12)).toBe(home('a|b|c'))
  expect(homeOfKey('datasets', 'swapped|attempts', 12)).toBe(home('attempts'))
  expect(homeOfKey('datasets', 'attempts', 12)).toBe(home('attempts'))
  // Route writes the letters of a partition there, whatever their ids.
  expect(homeOfKey('dead-letters', 'a', 12)).toBeNull()
  expect(homeOfKey('dataset-files', 'P|live|3', 12)).toBeNull()
})
