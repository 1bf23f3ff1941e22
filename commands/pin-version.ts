import { TributaryError } from '../schemas/errors.js'

/** A version as an argument. */
export function versionOf(given: string): number {
  if (!/^[1-9]\d{0,9}$/.test(given)) throw new TributaryError('WRONG_USAGE', `${given} is no version: they are numbers from 1`)
  return Number(given)
}
