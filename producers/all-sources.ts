import { isTaken, type NotTaken, type Source } from './source.js'

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
    take(object, selection) {
      const answers = sources.map(source => source.take(object, selection))
      const taken = answers.find(isTaken)
      if (taken !== undefined) return taken
      const refusals = answers.filter((answer): answer is NotTaken => !isTaken(answer))
      // Who knows it can say best why it is left out.
      const known = refusals.filter(answer => answer.known)
      const why = [...new Set((known.length > 0 ? known : refusals).map(answer => answer.why))].join('; ')
      return { why, known: known.length > 0 }
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
