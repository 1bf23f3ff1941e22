import { settings } from '../config.js'
import { editDistance } from '../schemas/nearest.js'
import type { Environment } from './command.js'

export interface Misspelt {
  /** The variable that is set, and read by nothing here. */
  readonly given: string
  readonly meant: string
}

const known = Object.values(settings).map(({ env }): string => env)

/** Variables that are set and nearly called like a setting that is not: the setting's default would be used without a word. */
export function misspelt(env: Environment): readonly Misspelt[] {
  const isSet = (name: string) => (env[name] ?? '') !== ''
  const strangers = Object.keys(env).filter(name => isSet(name) && !known.includes(name))
  return strangers.flatMap(given => {
    const meant = known.find(name => !isSet(name) && editDistance(given.toUpperCase(), name) <= mistakesIn(name))
    return meant === undefined ? [] : [{ given, meant }]
  })
}

/** Short names have near neighbours that mean something else. */
const mistakesIn = (name: string) => (name.length < 9 ? 1 : 2)
