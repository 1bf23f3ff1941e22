import { runMarkers } from '../../producers/run-markers.js'
import type { MarkerKind } from '../../schemas/marker.js'
import { topicName } from '../../schemas/topics.js'
import type { LogWriter } from '../log.js'
import { routePositions } from '../route/route-positions.js'
import type { Services } from '../services.js'
import type { BackfillEvents } from './request.js'

const pollMs = 200
const noteMs = 15_000

/** One marker per partition of `xapi`. Returns their offsets. */
export async function writeMarkers(services: Services, writer: LogWriter, run: string, kind: MarkerKind): Promise<readonly number[]> {
  const topic = topicName('xapi', services.naming)
  const markers = runMarkers(run, kind, services.config.partitions)
  const appended = await writer.send(markers.map(marker => ({ topic, partition: marker.partition, records: [marker] })))
  return markers.map(({ partition }) => appended.find(a => a.partition === partition)!.last)
}

/**
 * Waits until every route position is past these offsets. Route moves misplaced records before its position passes them, so whatever it
 * moved lies before anything written after this. False = nobody moved for `patienceMs`.
 */
export async function routeIsPast(
  services: Services,
  offsets: readonly number[],
  patienceMs: number,
  events: BackfillEvents,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, log, naming, config } = services
  let last = ''
  let moved = clock.monotonic()
  let noted = clock.monotonic()
  for (;;) {
    const positions = await routePositions(log, naming, config.partitions)
    if (positions.every((position, p) => position > offsets[p]!)) return true
    const now = clock.monotonic()
    if (positions.join() !== last) {
      last = positions.join()
      moved = now
    } else if (now - moved > patienceMs || signal.aborted) return false
    else if (now - Math.max(moved, noted) > noteMs) {
      noted = now
      events.note('route does not move: is `tributary run` running?')
    }
    if (signal.aborted) return false
    await clock.sleep(pollMs, signal)
  }
}
