import { createHmac } from 'node:crypto'
import type { Bucket } from '../schemas/dataset-files.js'

/** Buckets at most: a row's place is told by two bytes. */
export const mostBuckets = 1 << 16
const learnerBytes = 16

/** Where the record of a state key lies in the table of its partition. */
export type TableKey = (key: string) => Buffer

/**
 * 16 bytes of an HMAC-SHA-256 of the learner key (a name may be of any length), then what follows it. All records of a learner are
 * neighbours, in the order of that rest: sessions in time. Keyed by the pseudonym key, since the bucket of a file is public: from an
 * unkeyed hash a class list would tell whose rows a file has. What is hashed is never the text of a pseudonym, which has no line end.
 */
export function tableKeyOf(pseudonymKey: Uint8Array): TableKey {
  return key => {
    const [learner, rest] = split(key)
    const hash = createHmac('sha256', pseudonymKey).update('tributary table\n').update(learner).digest().subarray(0, learnerBytes)
    return Buffer.concat([hash, Buffer.from(rest)])
  }
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
