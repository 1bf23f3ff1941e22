const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const earliest = -(2 ** 52)
const latest = 2 ** 53 - 2

/**
 * ISO 8601 date and time → microseconds since 1970, or undefined. `2025-01-13T08:00:00.123456789+01:00`
 *
 * - further digits of a fraction are cut, never rounded up into the next second
 * - a missing zone is UTC: xAPI asks for a zone, and every source seen without one meant UTC
 * - second 60 (a leap second) is the instant after second 59
 * - only instants that Avro in JavaScript keeps, 1827-04-16 to 2255-06-05: avsc refuses longs above 2^53 and silently damages those below -2^52
 */
export function parseTimestamp(text: string): number | undefined {
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  if (text[4] !== '-' || text[7] !== '-' || !isTimeMark(text.charCodeAt(10)) || text[13] !== ':') return undefined
  if (!isDate(year, month, day) || !within(hour, 23) || !within(minute, 59)) return undefined
  let at = 16
  let second = 0
  let micros = 0
  if (text[at] === ':') {
    second = digits(text, 17, 2)
    if (!within(second, 60)) return undefined
    at = 19
    if (text[at] === '.' || text[at] === ',') {
      const end = digitsEnd(text, at + 1)
      if (end === at + 1) return undefined
      micros = fraction(text, at + 1, end)
      at = end
    }
  }
  const offset = zoneSeconds(text, at)
  if (offset === undefined) return undefined
  const seconds = daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
  const instant = seconds * 1_000_000 + micros
  return instant >= earliest && instant <= latest ? instant : undefined
}

/** `Z`, `+01:00`, `+0100`, `+01` or nothing, and then the end of the text. */
function zoneSeconds(text: string, at: number): number | undefined {
  const left = text.length - at
  if (left === 0) return 0
  const mark = text[at]
  if (mark === 'Z' || mark === 'z') return left === 1 ? 0 : undefined
  if (mark !== '+' && mark !== '-') return undefined
  const colon = text[at + 3] === ':'
  const hours = digits(text, at + 1, 2)
  const minutes = left === 3 ? 0 : digits(text, at + (colon ? 4 : 3), 2)
  if (left !== 3 && left !== (colon ? 6 : 5)) return undefined
  if (!within(hours, 23) || !within(minutes, 59)) return undefined
  return (mark === '-' ? -1 : 1) * (hours * 3600 + minutes * 60)
}

/** NaN unless all of them are digits: every comparison with NaN is false. */
function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function digitsEnd(text: string, from: number): number {
  let end = from
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return end
}

function fraction(text: string, from: number, end: number): number {
  let micros = 0
  for (let i = 0; i < 6; i++) micros = micros * 10 + (from + i < end ? text.charCodeAt(from + i) - 0x30 : 0)
  return micros
}

const within = (value: number, max: number) => value >= 0 && value <= max
const isTimeMark = (code: number) => code === 0x54 || code === 0x74 || code === 0x20
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

function isDate(year: number, month: number, day: number): boolean {
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn[month - 1]! && (month !== 2 || day < 29 || isLeap(year))
}

function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
  const thisLeapDay = month > 2 && isLeap(year) ? 1 : 0
  return before * 365 + leapDays + daysBefore[month - 1]! + thisLeapDay + day - 1 - 719_162
}
