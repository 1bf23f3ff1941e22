import type { Appended } from '../log.js'

interface Range {
  readonly first: number
  last: number
}

/**
 * Where a run's records lie in one topic. Others append between them, so it is a list of ranges per partition; those that touch are one.
 * Memory: a range for every request that somebody else came in between.
 */
export class OwnRecords {
  readonly #ranges = new Map<number, Range[]>()

  /** In the order in which they were appended. */
  add({ partition, first, last }: Appended): void {
    const ranges = this.#ranges.get(partition) ?? []
    this.#ranges.set(partition, ranges)
    const before = ranges.at(-1)
    if (before !== undefined && before.last + 1 === first) before.last = last
    else ranges.push({ first, last })
  }

  has(partition: number, offset: number): boolean {
    const ranges = this.#ranges.get(partition) ?? []
    let [low, high] = [0, ranges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ranges[middle]!.last < offset) low = middle + 1
      else high = middle
    }
    return low < ranges.length && ranges[low]!.first <= offset
  }

  /** From the first to the last of them; null = there is none. */
  span(partition: number): { readonly first: number; readonly last: number } | null {
    const ranges = this.#ranges.get(partition)
    return ranges === undefined ? null : { first: ranges[0]!.first, last: ranges.at(-1)!.last }
  }
}
