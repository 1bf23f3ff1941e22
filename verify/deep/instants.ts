const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/

/** Microseconds since 1970 of an ISO 8601 time; without a zone it is UTC, further digits are cut. Null = none that is understood. */
export function microsOf(text: string): number | null {
  const found = pattern.exec(text)
  if (found === null) return null
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const shift = (found[8] === '-' ? -1 : 1) * (Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0))
  const millis = Date.UTC(year, month - 1, day, hour, minute - shift, second)
  return millis * 1000 + Number((found[7] ?? '').slice(0, 6).padEnd(6, '0'))
}

/** As datasets print it: six digits, in the dialect `torus` only where there is a fraction. */
export function printed(micros: number, dialect = 'torus'): string {
  const seconds = Math.floor(micros / 1e6)
  const fraction = micros - seconds * 1e6
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return fraction === 0 && dialect === 'torus' ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0')}Z`
}

/** Two texts of one time: releases have written them in different widths. */
export function isSameTime(a: string, b: string): boolean {
  const micros = microsOf(a)
  return micros !== null && micros === microsOf(b)
}
