import type { FaultPoint } from '../../runtime/fault.js'
import { breaks, Passings, PlannedFault } from './planned-fault.js'
import type { FollowBy } from './processes.js'
import { type Run, simulate } from './simulate.js'

/** Every named point, and the passing that is broken beside the first; a record, so that a new point without a row does not compile. */
const later: Record<FaultPoint, number> = {
  'route.afterClaim': 2,
  'route.afterRestore': 2,
  'route.afterMisplaced': 2,
  'route.afterOutputs': 4,
  'route.afterPosition': 4,
  'route.afterCommit': 4,
  'route.afterMerge': 4,
  'aggregate.afterClaim': 2,
  'aggregate.afterRestore': 2,
  'aggregate.afterOutputs': 4,
  'aggregate.afterCommit': 4,
  'aggregate.afterMerge': 4,
  'sink.afterClaim': 2,
  'sink.afterUpload': 4,
  'sink.afterRecords': 4,
  'sink.afterCommit': 4,
  'sink.afterMergeUpload': 2,
  'sink.afterBucketUpload': 4,
  'publish.afterLists': 2,
  'publish.beforeNumbered': 4,
  'publish.afterNumbered': 4,
  'publish.afterManifest': 4,
  'backfill.afterSend': 2,
  'backfill.afterLedger': 3,
  'backfill.afterEnd': 2,
  'follow.afterSend': 2,
  'follow.afterLedger': 2,
  'follow.afterDelete': 2,
  'follow.afterRecord': 2,
}
const points = Object.keys(later) as FaultPoint[]

/** Where a point is passed. A listing deletes no messages. */
function waysOf(point: FaultPoint): readonly FollowBy[] {
  if (!point.startsWith('follow.')) return [null]
  return point === 'follow.afterDelete' ? ['queue'] : ['listing', 'queue']
}

const isPassedWith = (follow: FollowBy) => (point: FaultPoint) => waysOf(point).includes(follow)
const options = (follow: FollowBy) => ({ changed: true, follow, pieceBytes: 200 })

/** A crash-free run of the first seed that passes every point often enough. */
async function smoothRun(follow: FollowBy): Promise<{ readonly seed: number; readonly run: Run }> {
  const wanted = points.filter(isPassedWith(follow))
  for (let seed = 1; seed <= 100; seed++) {
    const counting = new Passings()
    const run = await simulate(seed, { faults: () => counting, ...options(follow) })
    if (wanted.every(point => (counting.passed.get(point) ?? 0) >= later[point])) return { seed, run }
  }
  throw new Error(`no seed passes ${wanted} often enough`)
}

describe.each([null, 'listing', 'queue'] as const)('follow by %s', follow => {
  let smooth: Awaited<ReturnType<typeof smoothRun>>
  beforeAll(async () => {
    smooth = await smoothRun(follow)
  })

  const cells = points
    .filter(isPassedWith(follow))
    .flatMap(point => breaks.flatMap(how => [1, later[point]].map(passing => [point, passing, how] as const)))

  test.each(cells)('%s, passing %i: %s, and in the end there is no difference', async (point, passing, how) => {
    const fault = new PlannedFault(point, passing, how)
    const { outcome } = await simulate(smooth.seed, { faults: () => fault, ...options(follow) })
    expect(fault.passed).toBeGreaterThanOrEqual(passing)
    expect(outcome).toEqual(smooth.run.outcome)
  })
})
