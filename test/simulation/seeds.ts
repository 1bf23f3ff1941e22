import { newTally } from './faults.js'
import { seededFaults } from './seeded-faults.js'
import { inPeace, type Run, simulate } from './simulate.js'

/** `SIM_SEED=7` runs one seed and shows its steps when it fails; `SIM_SEEDS=100000` is for the night. */
const only = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED)
const inEveryRun = 2000
const wanted = Number(process.env.SIM_SEEDS ?? inEveryRun)

/** In half of the seeds of each half a spec is changed on the way. */
const isChanged = (seed: number) => seed % 4 < 2

/** Every second seed: each half is a test file, so that two processes share them. */
export function simulateSeeds(half: 0 | 1): void {
  const seeds = only === null ? everySecond(half, wanted) : [only].filter(seed => seed % 2 === half)
  /** By whether a spec was changed on the way. */
  let smooth: readonly Run[]

  beforeAll(async () => {
    const run = (changed: boolean) => simulate(0, { faults: inPeace, changed })
    smooth = [await run(false), await run(true)]
    const lines = smooth.map(({ outcome: { events, letters, rows } }) => [events, letters, ...Object.values(rows)].map(list => list.length))
    // Events, dead letters, and lines with their head of: attempts, late, videos.
    expect(lines).toEqual([
      [36, 3, 16, 5, 17],
      [36, 3, 16, 5, 9],
    ])
  })

  test('whatever breaks: one outcome for every record, and in the end the same rows, events, dead letters and books', async () => {
    const began = performance.now()
    const totals: Record<string, number> = { seeds: 0, steps: 0, ...newTally() }
    for (const seed of seeds) {
      const { outcome, picks, tally } = await simulate(seed, { faults: seededFaults, changed: isChanged(seed), traced: only !== null })
      expect({ seed, ...outcome }).toEqual({ seed, ...smooth[isChanged(seed) ? 1 : 0]!.outcome })
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
