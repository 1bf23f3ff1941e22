import { type Run, simulate } from './simulate.js'

/**
 * `SIM_SEED=7` runs one seed and shows its steps when it fails; `SIM_SEEDS=100000` is for the night. Without either: as many
 * as fit into the time that a test run has for this.
 */
const only = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED)
const wanted = Number(process.env.SIM_SEEDS ?? 2000)
const mostMs = process.env.SIM_SEEDS === undefined ? 40_000 : Number.POSITIVE_INFINITY

const isChanged = (seed: number) => seed % 2 === 1
/** By whether a spec was changed on the way. */
let smooth: readonly Run[]

beforeAll(async () => {
  const run = (changed: boolean) => simulate(0, { faults: false, changed })
  smooth = [await run(false), await run(true)]
  const counts = smooth.map(({ outcome }) => [
    outcome.events,
    outcome.letters.length,
    ...Object.values(outcome.rows).map(rows => rows.length),
  ])
  // Events, dead letters, and lines of: attempts, late, videos.
  expect(counts).toEqual([
    [32, 2, 12, 4, 16],
    [32, 2, 12, 4, 8],
  ])
})

test('the same seed takes the same steps, another takes others', async () => {
  const hashes = []
  for (const seed of [3, 3, 4]) hashes.push((await simulate(seed, { faults: true, changed: false })).hash)
  expect([hashes[0] === hashes[1], hashes[0] === hashes[2]]).toEqual([true, false])
})

test('whatever breaks: every statement once, and in the end the same rows and dead letters', async () => {
  const began = performance.now()
  const totals = { seeds: 0, steps: 0, error: 0, crash: 0, pause: 0, leave: 0, taken: 0 }
  const first = only ?? 1
  const last = only ?? wanted
  for (let seed = first; seed <= last && (seed === only || performance.now() - began < mostMs); seed++) {
    const { outcome, picks, faults } = await simulate(seed, { faults: true, changed: isChanged(seed), traced: only !== null })
    expect({ seed, ...outcome }).toEqual({ seed, ...smooth[isChanged(seed) ? 1 : 0]!.outcome })
    totals.seeds++
    totals.steps += picks
    for (const [kind, count] of Object.entries(faults)) totals[kind as keyof typeof totals] += count
  }
  const seconds = (performance.now() - began) / 1000
  console.log(`simulated ${JSON.stringify(totals)} in ${seconds.toFixed(1)} s`)
}, 86_400_000)
