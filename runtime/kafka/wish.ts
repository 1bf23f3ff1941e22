/** Why a member's loop wakes up: the group re-balances, it does not know this member any more, or the end. The later one matters more. */
const order = ['rejoin', 'afresh', 'closed'] as const
export type Wish = (typeof order)[number]

/** One wish at a time, from heartbeats to the loop that joins. */
export class WishBox {
  #wish: Wish | undefined
  #wake: () => void = () => undefined

  put(wish: Wish): void {
    if (this.#wish === undefined || order.indexOf(wish) > order.indexOf(this.#wish)) this.#wish = wish
    this.#wake()
  }

  /** Forgets what a join just fulfilled; the end stays the end. */
  clear(): void {
    if (this.#wish !== 'closed') this.#wish = undefined
  }

  async next(): Promise<Wish> {
    while (this.#wish === undefined) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return this.#wish
  }
}
