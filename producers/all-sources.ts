import type { PlannedObject, Source } from './source.js'
import { byUpload } from './upload-order.js'

/**
 * All sources as one. Every listed object is offered to each, in the order in which the topology names them, and belongs to the first
 * that takes it; so is a folder to the first that knows what its names tell.
 */
export function allSources(sources: readonly Source[]): Source {
  const [only] = sources
  if (only !== undefined && sources.length === 1) return only
  return {
    name: sources.map(({ name }) => name).join(', '),
    prefixes: selection => [...new Set(sources.flatMap(source => source.prefixes(selection)))],
    plan(objects, selection) {
      // By key: the prefixes of two sources may overlap, and then an object is listed twice.
      const left = new Map([...objects].map(object => [object.key, object]))
      const planned: PlannedObject[] = []
      for (const source of sources) {
        const taken = source.plan(left.values(), selection)
        for (const { key } of taken) left.delete(key)
        planned.push(...taken)
      }
      return planned.sort(byUpload)
    },
    after(folder, since) {
      for (const source of sources) {
        const name = source.after(folder, since)
        if (name !== null) return name
      }
      return null
    },
  }
}
