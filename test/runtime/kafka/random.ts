/** A small seeded generator (mulberry32): the seed is in the name of the failing case. */
export function seeded(seed: number): { int(below: number): number; bytes(length: number): Buffer; chance(p: number): boolean } {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    int: below => Math.floor(next() * below),
    bytes: length => Buffer.from(Array.from({ length }, () => Math.floor(next() * 256))),
    chance: p => next() < p,
  }
}
