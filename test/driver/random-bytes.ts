import { createHash } from 'node:crypto'

/** No compression makes them smaller. The same seed gives the same. */
export const randomBytes = (seed: number, length: number): Buffer =>
  createHash('shake256', { outputLength: length }).update(String(seed)).digest()

/** Letters and digits that hardly compress: six bits of chance in each. */
export const randomText = (seed: number, length: number): string => randomBytes(seed, length).toString('base64url').slice(0, length)
