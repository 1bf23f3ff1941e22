import { createHash } from 'node:crypto'

/** Where refused bytes came from: a line that never entered `xapi`, or a record of a topic. */
export type RefusedAt =
  | { readonly object: string; readonly line: number }
  | { readonly topic: string; readonly partition: number; readonly offset: number }

/** 32 hex digits. The same place gives the same id, so a repeated run repeats no dead letter unnoticed. */
export function deadLetterId(at: RefusedAt): string {
  const place = 'object' in at ? ['line', at.object, at.line] : ['record', at.topic, at.partition, at.offset]
  return createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 32)
}

/** The id that a text is, or undefined: anyone may write a header. */
export function deadLetterIdOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{32}$/.test(text) ? text : undefined
}
