import type { Feed } from './feed.js'
import type { Fetched, FetchPosition } from './log.js'

/** A question to a feed that takes its time: who asks can do other work until it is answered. */
export interface OpenQuestion {
  /** Asks, unless an answer is awaited or was not taken yet. Resolves when there is one; never rejects. */
  ask(positions: () => readonly FetchPosition[]): Promise<void>
  /** The answer, once, or the error that came instead; null = there is none yet. */
  take(): readonly Fetched[] | null
}

export function openQuestion(feed: Feed): OpenQuestion {
  let asked: Promise<void> | null = null
  let answer: (() => readonly Fetched[]) | null = null
  const refused = (error: unknown) => {
    answer = () => {
      throw error
    }
  }
  return {
    ask(positions) {
      asked ??= feed.take(positions()).then(fetched => {
        answer = () => fetched
      }, refused)
      return asked
    },
    take() {
      if (answer === null) return null
      const given = answer
      answer = null
      asked = null
      return given()
    },
  }
}
