import { readRoutePositions } from '../../runtime/route/route-positions.js'
import type { World } from './world.js'

/** How long each partition of route stood still, under a load that reaches all of them. */
export interface Pauses {
  /** The longest since the last call, in seconds by partition; a pause that is not over counts. */
  longest(): readonly number[]
}

const everyMs = 20

/** Looks at the committed positions all the time. What it finds is at least the time between two commits. */
export function watchPauses(world: World): Pauses {
  const { log, clock, naming, config } = world.open('pauses')
  const stop = new AbortController()
  let positions: readonly number[] = []
  const moved = Array.from({ length: config.partitions }, () => clock.now())
  const longest = moved.map(() => 0)
  const note = (partition: number) => {
    longest[partition] = Math.max(longest[partition]!, clock.now() - moved[partition]!)
  }

  async function watch(): Promise<void> {
    const reader = log.reader()
    while (!stop.signal.aborted) {
      const now = await readRoutePositions(log, reader, naming, config.partitions)
      for (const [partition, position] of now.entries()) {
        note(partition)
        if (position !== positions[partition]) moved[partition] = clock.now()
      }
      positions = now
      await clock.sleep(everyMs, stop.signal)
    }
  }
  const watching = watch()
  watching.catch(error => world.said.push(`watching for pauses: ${String(error)}`))
  world.atEnd(async () => {
    stop.abort()
    await watching.catch(() => undefined)
    await log.close()
  })
  return {
    longest() {
      const found = longest.map(ms => ms / 1000)
      longest.fill(0)
      return found
    },
  }
}
