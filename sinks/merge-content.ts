import { TributaryError } from '../schemas/errors.js'

/**
 * The files' rows in one file. Every file must begin with the head and end with the tail of its format: one that does not was made by
 * other rules (or is not what its name says), and a blind cut would lose rows.
 */
export function mergeContent(files: readonly Buffer[], head: string, tail: string): Buffer {
  const start = Buffer.from(head)
  const end = Buffer.from(tail)
  const bodies = files.map((file, i) => {
    const complete = file.length >= start.length + end.length
    if (!complete || !file.subarray(0, start.length).equals(start)) throw differs(i, files.length, 'begin with the head')
    if (!file.subarray(file.length - end.length).equals(end)) throw differs(i, files.length, 'end with the tail')
    return file.subarray(start.length, file.length - end.length)
  })
  return Buffer.concat([start, ...bodies, end])
}

function differs(index: number, count: number, what: string): TributaryError {
  return new TributaryError('S3_CONTENT_DIFFERS', `joining files: file ${index + 1} of ${count} does not ${what} of its format`)
}
