import { bytes } from './bytes.js'
import { names } from './names.js'
import { lineOf, type Poison } from './poison.js'
import { structure } from './structure.js'
import { times } from './times.js'
import { torusDamage } from './torus.js'
import { types } from './types.js'

/** Everything that can be wrong with a line, each with what becomes of it. */
export const poisons: readonly Poison[] = [...bytes, ...structure, ...types, ...times, ...names, ...torusDamage]

/** Their lines, in the same order. */
export const poisonLines = (): readonly Buffer[] => poisons.map((poison, n) => lineOf(poison, n))
