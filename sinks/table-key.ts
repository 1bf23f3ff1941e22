import { createHash } from 'node:crypto'
import type { Bucket } from '../schemas/dataset-files.js'

/** Buckets at most: a row's place is told by two bytes. */
export const mostBuckets = 1 << 16
const learnerBytes = 16

/**
 * Where the record of a state key lies in the table of its partition: 16 bytes of the SHA-256 of the learner key (a name may be of any
 * length), then what follows it. All records of a learner are neighbours, in the order of that rest: sessions in time.
 */
export function tableKey(key: string): Buffer {
  const [learner, rest] = split(key)
  const hash = createHash('sha256').update(learner).digest().subarray(0, learnerBytes)
  return Buffer.concat([hash, Buffer.from(rest)])
}

/** The place of a row among `mostBuckets`; the hashes of one partition's learners are spread evenly. */
export const placeOf = (key: Buffer) => key.readUInt16BE(0)

export const bucketOf = (place: number, of: number) => Math.floor(place / (mostBuckets / of))

/** Table keys of one bucket: from the first to before the last. */
export function bucketRange({ index, of }: Bucket): { readonly from: Buffer; readonly before?: Buffer } {
  const width = mostBuckets / of
  const from = Buffer.from([(index * width) >> 8, (index * width) & 0xff])
  const end = (index + 1) * width
  return end === mostBuckets ? { from } : { from, before: Buffer.from([end >> 8, end & 0xff]) }
}

/** A learner key has two bars; what comes behind a third is the rest. */
function split(key: string): readonly [learner: string, rest: string] {
  let bar = -1
  for (let n = 0; n < 3; n++) {
    bar = key.indexOf('|', bar + 1)
    if (bar < 0) return [key, '']
  }
  return [key.slice(0, bar), key.slice(bar + 1)]
}
