import { createHash } from 'node:crypto'
import type { PlannedObject, Selection, Source, SourceObject } from '../../producers/source.js'
import { byUpload, inUploadOrder } from '../../producers/upload-order.js'
import type { FollowRequest } from './request.js'

/** Which objects a follow is about. */
export interface Scope {
  readonly bucket: string
  /** What is asked for, in canonical JSON: the same words for the same request. */
  readonly text: string
  /** Names the follow: of the same words the same. */
  readonly id: string
  /** All that has to be listed; none lies in another. */
  readonly roots: readonly string[]
  /** The selected ones, oldest upload first. */
  plan(objects: Iterable<SourceObject>, since?: number): readonly PlannedObject[]
}

export function scopeOf(source: Source, request: FollowRequest): Scope {
  const { bucket, queue } = request
  const [sections, prefixes, categories] = [request.sections, request.prefixes, request.categories].map(list => [...new Set(list)].sort())
  const text = JSON.stringify({ bucket, sections, prefixes, categories, queue })
  const selections = (prefixes!.length > 0 ? prefixes! : [undefined]).map((prefix): Selection => ({ prefix, sections, categories }))
  const all = [...new Set(selections.flatMap(selection => source.prefixes(selection)))]
  return {
    bucket,
    text,
    id: createHash('sha256').update(text).digest('hex').slice(0, 8),
    roots: all.filter(root => !all.some(other => other !== root && root.startsWith(other))),
    plan(objects, since) {
      const listed = [...objects]
      const planned = new Map<string, PlannedObject>()
      for (const selection of selections)
        for (const object of inUploadOrder(source, listed, { ...selection, since })) planned.set(object.key, object)
      return [...planned.values()].sort(byUpload)
    },
  }
}
