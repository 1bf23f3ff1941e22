/**
 * Python's `repr` of a float: the same shortest digits as JavaScript's, other notation. Exponents from 1e+16 and below 1e-04 on, of at
 * least two digits, and always a mark that it is no integer.
 */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  const text = Object.is(value, -0) ? '-0' : String(value)
  return Number.isInteger(value) ? `${text}.0` : text
}

/** A number by its value: `1` and `1.0` are one fact, so they print alike. Whole numbers too large to be exact keep their exponent. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value)
  return pythonFloat(value)
}

/** The text of a JSON number as Python prints it after reading it: integers of any length stay, everything else is a float. */
export function pythonNumber(written: string): string {
  if (/[.eE]/.test(written)) return pythonFloat(Number(written))
  return written === '-0' ? '0' : written
}
