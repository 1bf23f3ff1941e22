/**
 * The rows of a file, without the head and the tail of its format; null = it does not begin with the one and end with the other: it was made
 * by other rules, or is not what its name says, and a blind cut would lose rows.
 */
export function rowsBetween(file: Buffer, head: string, tail: string): Buffer | null {
  const start = Buffer.from(head)
  const end = Buffer.from(tail)
  const complete = file.length >= start.length + end.length
  if (!complete || !file.subarray(0, start.length).equals(start) || !file.subarray(file.length - end.length).equals(end)) return null
  return file.subarray(start.length, file.length - end.length)
}

/** One file of these rows. */
export function mergeContent(rows: readonly Buffer[], head: string, tail: string): Buffer {
  return Buffer.concat([Buffer.from(head), ...rows, Buffer.from(tail)])
}
