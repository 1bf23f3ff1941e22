/** A breach of what must always hold. */
export function require(holds: boolean, breach: () => string): asserts holds {
  if (!holds) throw new Error(`invariant: ${breach()}`)
}
