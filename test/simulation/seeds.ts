import { newTally } from './faults.js'
import type { FollowBy } from './processes.js'
import { seededFaults } from './seeded-faults.js'
import { inPeace, type Run, simulate } from './simulate.js'

/** `SIM_SEED=7` runs one seed and shows its steps when it fails; `SIM_SEEDS=100000` is for the night. */
const only = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED)
const inEveryRun = 2000
const wanted = Number(process.env.SIM_SEEDS ?? inEveryRun)

/** In half of the seeds of each half a spec is changed on the way; in an eighth somebody follows new objects, in one way or the other. */
function worldOf(seed: number) {
  const changed = seed % 4 < 2
  const follow: FollowBy = seed % 32 >= 4 ? null : changed ? 'listing' : 'queue'
  return { changed, follow }
}
const worlds = [0, 2, 4, 6].map(worldOf)
const nameOf = (world: (typeof worlds)[number]) => JSON.stringify(world)

/** Every second seed: each half is a test file, so that two processes share them. */
export function simulateSeeds(half: 0 | 1): void {
  const seeds = only === null ? everySecond(half, wanted) : [only].filter(seed => seed % 2 === half)
  const smooth = new Map<string, Run>()

  beforeAll(async () => {
    for (const world of worlds) smooth.set(nameOf(world), await simulate(0, { faults: inPeace, ...world }))
    const lines = worlds.map(world => {
      const { events, letters, rows } = smooth.get(nameOf(world))!.outcome
      return [world.changed, world.follow, ...[events, letters, ...Object.values(rows)].map(list => list.length)]
    })
    // Events, dead letters, and lines with their head of: attempts, late, learners, sessions, videos.
    expect(lines).toEqual([
      [true, 'listing', 44, 4, 19, 6, 10, 23, 11],
      [false, 'queue', 44, 4, 19, 6, 11, 23, 21],
      [true, null, 36, 3, 16, 5, 10, 19, 9],
      [false, null, 36, 3, 16, 5, 11, 19, 17],
    ])
  })

  test('whatever breaks: one outcome for every record, and in the end the same rows, events, dead letters and books', async () => {
    const began = performance.now()
    const totals: Record<string, number> = { seeds: 0, steps: 0, ...newTally() }
    for (const seed of seeds) {
      const world = worldOf(seed)
      const { outcome, picks, tally } = await simulate(seed, { faults: seededFaults, ...world, traced: only !== null })
      expect({ seed, ...outcome }).toEqual({ seed, ...smooth.get(nameOf(world))!.outcome })
      for (const [name, count] of Object.entries({ seeds: 1, steps: picks, ...tally })) totals[name]! += count
    }
    console.log(`simulated ${JSON.stringify(totals)} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
    // Whoever asks for fewer looks for something else.
    if (only === null && wanted >= inEveryRun) expect(Object.entries(totals).filter(([, count]) => count === 0)).toEqual([])
  }, 86_400_000)
}

function* everySecond(half: 0 | 1, last: number): Generator<number> {
  for (let seed = half === 0 ? 2 : 1; seed <= last; seed += 2) yield seed
}
