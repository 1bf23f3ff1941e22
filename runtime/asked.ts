import type { Clock } from './clock.js'

/** What a question brought, or why there is no answer now. */
export type Answer<T> = { readonly value: T } | { readonly why: string }

/**
 * Asks, and gives up waiting after a while: a server that is away must not keep what others know from being shown. One question at a time: while
 * the last is still open it is waited for again, so asking often never piles up.
 */
export function askInTime<T>(clock: Clock, limitMs: number, ask: () => Promise<T>): () => Promise<Answer<T>> {
  let open: Promise<Answer<T>> | null = null
  return async () => {
    open ??= ask()
      .then(
        (value): Answer<T> => ({ value }),
        (error: unknown) => ({ why: (error as Error).message }),
      )
      .finally(() => {
        open = null
      })
    const over = new AbortController()
    const late = clock.sleep(limitMs, over.signal).then(() => ({ why: `no answer within ${limitMs / 1000} s` }))
    try {
      return await Promise.race([open, late])
    } finally {
      over.abort()
    }
  }
}
