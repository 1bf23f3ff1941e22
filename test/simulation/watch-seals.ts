import type { LogRecord } from '../../runtime/log.js'
import { parseMarker } from '../../schemas/marker.js'
import { require } from './require.js'
import { homeOf, type WatchRoute } from './watch-route.js'

interface Run {
  /** Offsets of its first `end` markers, by partition. */
  readonly ends: Map<number, number>
  /** What was to be loaded when it wrote its first marker. */
  readonly lines: readonly string[]
}

/** What `sealed` promises: route is past the run's end in every partition, and its lines are events. */
export class WatchSeals {
  /** Of the requests that were given so far, one after the other. */
  lines: readonly string[] = []
  readonly #route: WatchRoute
  readonly #runs = new Map<string, Run>()

  constructor(route: WatchRoute) {
    this.#route = route
  }

  /** Those that can be read. */
  linesOf(run: string): readonly string[] {
    return (this.#runs.get(run)?.lines ?? []).filter(line => homeOf(line, this.#route.positions.length) !== null)
  }

  onMarker(record: LogRecord): void {
    const { kind, run: id, partition } = parseMarker(record.value)!
    const run = this.#runs.get(id) ?? { ends: new Map<number, number>(), lines: this.lines }
    this.#runs.set(id, run)
    if (kind === 'end') {
      if (!run.ends.has(partition)) run.ends.set(partition, record.offset)
      return
    }
    const { positions, facts } = this.#route
    for (const [p, position] of positions.entries())
      require(position > (run.ends.get(p) ?? Number.POSITIVE_INFINITY), () =>
        `${id} is sealed before route was past its end in partition ${p}`)
    const lacking = this.linesOf(id).filter(line => !facts.has(line))
    require(lacking.length === 0, () => `${id} is sealed, and lacks ${lacking.length} events: ${lacking[0]}`)
  }
}
