import type { RunRecord } from '../../schemas/sources.js'

/**
 * How many sealed runs are behind the positions of a kind of files. A run that they have passed stays passed, so only the others are looked
 * at, and only when something has moved.
 */
export class PassedRuns {
  readonly #passed = new Set<string>()
  #looked = ''

  /** `version`: grows with `runs` and with `reached`, the next `xapi` offset of each partition. */
  count(runs: ReadonlyMap<string, RunRecord>, version: string, reached: () => readonly number[]): number {
    if (version === this.#looked) return this.#passed.size
    this.#looked = version
    let positions: readonly number[] | null = null
    for (const [id, { sealed }] of runs) {
      if (sealed === null || this.#passed.has(id)) continue
      positions ??= reached()
      if (positions.every((next, partition) => next > sealed[partition]!)) this.#passed.add(id)
    }
    return this.#passed.size
  }
}
