import { setTimeout as delay } from 'node:timers/promises'
import { backfill } from '../runtime/backfill/backfill.js'
import type { BackfillProgress, BackfillRequest, BackfillSum } from '../runtime/backfill/request.js'
import { routePositions } from '../runtime/route/route-positions.js'
import { topology } from '../topology.js'
import type { World } from './demo-world.js'

export interface Kill {
  readonly role: 'route'
  readonly killedPid: number
  readonly newPid: number
  /** Statements that the backfill had read, and route had committed, at that moment. */
  readonly linesRead: number
  readonly recordsRouted: number
  /** From the kill until route committed again. */
  readonly secondsAway: number
}

export type OnProgress = (progress: BackfillProgress) => void
const pollMs = 100
/** Of all lines: late enough to have done much, early enough to have much to do. */
const killAfter = 0.3

/** A backfill by the real code, until the datasets contain it. */
export function replay(world: World, request: BackfillRequest, onProgress: OnProgress, signal: AbortSignal): Promise<BackfillSum> {
  const events = { planned: () => undefined, progress: onProgress, note: () => undefined }
  return backfill(world.services, topology.sources, request, { wait: { timeoutMs: null } }, events, signal)
}

/** The same, and in the middle of it `kill -9` of route, which has a transaction open. */
export async function replayWithKill(
  world: World,
  request: BackfillRequest,
  lines: number,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<{ sum: BackfillSum; kill: Kill }> {
  let linesRead = 0
  const watched: OnProgress = progress => {
    linesRead = progress.lines
    onProgress(progress)
  }
  const [sum, kill] = await Promise.all([replay(world, request, watched, signal), killInTheMiddle(world, lines, () => linesRead, signal)])
  return { sum, kill }
}

async function killInTheMiddle(world: World, lines: number, linesRead: () => number, signal: AbortSignal): Promise<Kill> {
  const { log, naming, config, clock } = world.services
  const routed = async () => (await routePositions(log, naming, config.partitions)).reduce((a, b) => a + b, 0)
  let recordsRouted = 0
  for (; recordsRouted < lines * killAfter; recordsRouted = await routed()) await delay(pollMs, undefined, { signal })
  const read = linesRead()
  const at = clock.monotonic()
  const killedPid = world.kill('route')
  // What was committed up to the kill may be a little more than what was seen before it.
  await delay(pollMs, undefined, { signal })
  recordsRouted = await routed()
  while ((await routed()) <= recordsRouted) await delay(pollMs, undefined, { signal })
  const newPid = world.starts.findLast(start => start.role === 'route')!.pid
  return { role: 'route', killedPid, newPid, linesRead: read, recordsRouted, secondsAway: (clock.monotonic() - at) / 1000 }
}
