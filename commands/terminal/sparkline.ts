const bars = '▁▂▃▄▅▆▇█'

/** Values as bars between nothing and the greatest of them. */
export function sparkline(values: readonly number[]): string {
  const greatest = Math.max(0, ...values)
  return values.map(value => bars[greatest === 0 ? 0 : Math.round((Math.max(0, value) / greatest) * (bars.length - 1))]).join('')
}
