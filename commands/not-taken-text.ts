import type { ObjectsNotTaken } from '../schemas/sources.js'
import { count } from './terminal/format.js'

/** Listed objects that no source takes; none = no line. */
export function notTakenLines(notTaken: readonly ObjectsNotTaken[]): string[] {
  return notTaken.flatMap(({ why, objects, examples }) => [
    `not taken: ${count(objects, 'object')}, ${why}`,
    ...examples.map(key => `  ${key}`),
    ...(objects > examples.length ? ['  …'] : []),
  ])
}
