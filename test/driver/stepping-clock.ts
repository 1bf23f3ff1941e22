import type { Clock } from '../../runtime/clock.js'

/** A clock whose time of day can be set, as NTP and virtual machines do it; its intervals go on. */
export function steppingClock(clock: Clock): { readonly clock: Clock; step(ms: number): void } {
  let off = 0
  return {
    clock: { ...clock, now: () => clock.now() + off },
    step(ms) {
      off += ms
    },
  }
}
