import { type Change, checkKey, type Entry, type KeyRange, type StateStore } from '../state/state-store.js'

/** What outlives a process: give it to the next `memoryStateStore`. */
export interface MemoryDisk {
  entries: Map<string, Buffer>
  header: Buffer | null
  /** The keys in order, made when somebody asks for a range. */
  sorted: string[] | null
}

export const memoryDisk = (): MemoryDisk => ({ entries: new Map(), header: null, sorted: null })

/** The state store of simulation and unit tests: the same promises, no disk. Latin-1 texts sort as their bytes do. */
export function memoryStateStore(disk: MemoryDisk = memoryDisk()): StateStore {
  let known = disk.header

  function* range({ from, before, reverse = false, limit = Number.POSITIVE_INFINITY }: KeyRange): Generator<Entry> {
    disk.sorted ??= [...disk.entries.keys()].sort()
    const { sorted } = disk
    const first = from === undefined ? 0 : countBelow(sorted, textOf(from))
    const end = before === undefined ? sorted.length : countBelow(sorted, textOf(before))
    for (let n = 0; n < Math.min(limit, end - first); n++) {
      const key = sorted[reverse ? end - 1 - n : first + n]!
      yield [Buffer.from(key, 'latin1'), Buffer.from(disk.entries.get(key)!)]
    }
  }

  return {
    header: () => disk.header,
    has: key => disk.entries.has(textOf(key)),
    get(key) {
      const value = disk.entries.get(textOf(key))
      return value === undefined ? null : Buffer.from(value)
    },
    range,
    merge({ puts = [], deletes = [] }: Change, header) {
      if (disk.header !== known) return false
      // All or nothing: a key that is refused changes nothing.
      const gone = Array.from(deletes, key => textOf(checkKey(key)))
      const come = Array.from(puts, ([key, value]) => [textOf(checkKey(key)), Buffer.from(value)] as const)
      for (const key of gone) disk.entries.delete(key)
      for (const [key, value] of come) disk.entries.set(key, value)
      disk.sorted = null
      known = disk.header = Buffer.from(header)
      return true
    },
    clear() {
      disk.entries = new Map()
      disk.sorted = null
      known = disk.header = null
    },
    close: async () => undefined,
  }
}

const textOf = (key: Buffer) => key.toString('latin1')

function countBelow(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < text) low = middle + 1
    else high = middle
  }
  return low
}
