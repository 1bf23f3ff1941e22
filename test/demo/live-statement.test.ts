import { liveStatement } from '../../demo/live-statement.js'
import { interpret } from '../../processors/route/interpret.js'

test('a learner answers now', () => {
  const at = Date.UTC(2025, 2, 3, 4, 5, 6, 789)
  const result = interpret(liveStatement({ at, input: 'now, "live"' }), {})
  if (!result.ok) throw new Error(result.refusal.reason)
  expect(result.key).toBe('145|proton.example.org|4200')
  expect(result.event).toMatchObject({ kind: 'part_attempt', at: at * 1000, response: '{"files":[],"input":"now, \\"live\\""}' })
})

test('two moments are two events, one moment is one', () => {
  const id = (at: number) => {
    const result = interpret(liveStatement({ at, input: 'x' }), {})
    return result.ok ? result.event.id : ''
  }
  expect(id(1_700_000_000_000)).toBe(id(1_700_000_000_000))
  expect(id(1_700_000_000_001)).not.toBe(id(1_700_000_000_000))
})
