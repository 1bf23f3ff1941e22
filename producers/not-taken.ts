import type { ObjectsNotTaken } from '../schemas/sources.js'
import type { NotTaken, SourceObject } from './source.js'

const mostExamples = 3

/** Counts listed objects that are not read, by reason, each with the first few. */
export interface NotTakenCount {
  add(object: Pick<SourceObject, 'key' | 'size'>, refusal: NotTaken): void
  /** Those that no source knows, the most first; with `leftOut` also those that the selection leaves out. */
  result(leftOut?: 'leftOut'): readonly ObjectsNotTaken[]
}

export function countNotTaken(): NotTakenCount {
  const reasons = new Map<string, { why: string; known: boolean; objects: number; examples: string[] }>()
  return {
    add({ key, size }, { why, known }) {
      // What a folder is shown by in some stores, and no upload.
      if (size === 0 && (key === '' || key.endsWith('/'))) return
      const reason = reasons.get(why) ?? { why, known, objects: 0, examples: [] }
      reasons.set(why, reason)
      reason.objects++
      if (reason.examples.length < mostExamples) reason.examples.push(key)
    },
    result: leftOut =>
      [...reasons.values()]
        .filter(({ known }) => leftOut || !known)
        .sort((a, b) => b.objects - a.objects)
        .map(({ why, objects, examples }) => ({ why, objects, examples })),
  }
}
