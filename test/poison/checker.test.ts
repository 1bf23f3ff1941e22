import { interpret } from '../../processors/route/interpret.js'
import { factOf } from '../../verify/deep/fact.js'
import { poisonLines, poisons } from './all.js'
import { limit } from './poison.js'

test('whatever route makes an event of, the checker finds the same fact in it', () => {
  for (const [n, line] of poisonLines().entries()) {
    if (line.length > limit) continue
    const verdict = interpret(line, {})
    const fact = factOf(line, undefined)
    if (!verdict.ok) continue
    const { key, event, derived } = verdict
    const { name } = poisons[n]!
    expect([name, fact?.kind, fact?.learnerKey, fact?.section, fact?.host]).toEqual([name, event.kind, key, event.section, event.host])
    expect([name, fact?.id.toString('hex'), fact?.derived.map(each => each.toString('hex'))]).toEqual([
      name,
      event.id,
      derived.map(each => each.id),
    ])
  }
})
