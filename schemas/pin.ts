import { z } from 'zod'

/**
 * A version of a dataset that stays, with its files: `<dataset>/pins/<version>.json`. Unknown keys are kept when it is read.
 * `pinning`: its files are kept, but nobody has looked yet whether all are there. `withdrawn`: they are not kept any more.
 */
const text = z.string()
const count = z.int().min(0)

const pinSchema = z.looseObject({
  dataset: text,
  version: count,
  state: z.enum(['pinning', 'pinned', 'withdrawn']),
  /** Null = never so far: the process that began it did not come to the end. */
  pinnedAt: text.nullable(),
  /** SHA-256 of the list of the files, which lies beside the pin. */
  contentSha256: text,
  /** `sha256  key` of every file, a line each, in order of the keys: what `sha256sum -c` reads. */
  list: z.looseObject({ key: text, bytes: count }),
  manifest: z.looseObject({ key: text, bytes: count, sha256: text }),
  files: count,
  rows: count,
  /** Of all files. */
  bytes: count,
  /** In one sentence what it is: for a bibliography. */
  citation: text,
  note: text.nullable(),
  /** Of the call that has begun it: else two calls would write equal bytes, and a store knows a version by its bytes. Absent in older ones. */
  nonce: text.optional(),
  withdrawn: z.looseObject({ at: text, reason: text }).nullable(),
})

export type Pin = z.output<typeof pinSchema>

/** Null when it is none. */
export function parsePin(json: string): Pin | null {
  try {
    return pinSchema.safeParse(JSON.parse(json)).data ?? null
  } catch {
    return null
  }
}
