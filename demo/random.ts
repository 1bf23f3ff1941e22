/** Numbers that look like chance and are the same for the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** Both ends included. */
  int(low: number, high: number): number
  chance(share: number): boolean
  pick<T>(list: readonly T[]): T
  shuffle<T>(list: T[]): T[]
  /** Hexadecimal digits, in eights. */
  hex(eights: number): string
  guid(): string
}

/** Mulberry32: small, quick, and good enough for made-up learners. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const uint = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  const next = () => uint() / 0x1_0000_0000
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  const hex8 = () => (uint() + 0x1_0000_0000).toString(16).slice(1)
  return {
    next,
    int,
    chance: share => next() < share,
    pick: list => list[int(0, list.length - 1)]!,
    shuffle(list) {
      for (let i = list.length - 1; i > 0; i--) {
        const j = int(0, i)
        const held = list[i]!
        list[i] = list[j]!
        list[j] = held
      }
      return list
    },
    hex: eights => Array.from({ length: eights }, hex8).join(''),
    guid() {
      const [a, b, c, d] = [hex8(), hex8(), hex8(), hex8()]
      return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
    },
  }
}
