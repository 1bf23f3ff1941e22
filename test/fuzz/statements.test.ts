import { shapes, statements } from '../processors/route/statements.js'
import { seeded } from '../schemas/random.js'
import { judge } from './invariants.js'
import { nodeOf, respelt, textOf } from './json-node.js'
import { damaged, mutated } from './mutations.js'

/** FUZZ_SEEDS=1000000 goes on through the night; FUZZ_FROM=<seed> FUZZ_SEEDS=1 repeats one. */
const seeds = Number(process.env.FUZZ_SEEDS ?? 5000)
const from = Number(process.env.FUZZ_FROM ?? 0)
const nodes = Object.values({ ...statements, ...shapes }).map(nodeOf)

function each(what: (seed: number) => void): void {
  for (let seed = from; seed < from + seeds; seed++)
    try {
      what(seed)
    } catch (error) {
      throw new Error(`FUZZ_FROM=${seed} FUZZ_SEEDS=1 repeats it: ${(error as Error).message}`, { cause: error })
    }
}

const outcomes = new Map<string, number>()
const note = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)

test(`${seeds} statements in which something is other than it was, from seed ${from}`, () => {
  each(seed => {
    const random = seeded(seed)
    const node = mutated(random, nodes)
    const outcome = judge(Buffer.from(textOf(node)))
    note(/^[0-9a-f]{32}$/.test(outcome) ? 'event' : outcome)
    // Another spelling is the same fact, or is refused for the same reason.
    const other = respelt(node, random)
    const again = judge(Buffer.from(other))
    if (again !== outcome) throw new Error(`${again} is not ${outcome}: ${other}`)
  })
  if (seeds < 5000) return
  // Not all of one sort, else it tests nothing.
  expect(outcomes.get('event')).toBeGreaterThan(seeds / 4)
  for (const code of ['missing_key', 'bad_value']) expect(outcomes.get(code)).toBeGreaterThan(seeds / 100)
}, 3_600_000)

test(`${seeds} statements whose bytes were damaged, from seed ${from}`, () => {
  each(seed => {
    const random = seeded(-1 - seed)
    const bytes = damaged(random, Buffer.from(respelt(random.pick(nodes), random)))
    judge(bytes)
  })
}, 3_600_000)
