import { describe, type Logger } from './logger.js'

/** Trouble that is waited out is logged when it begins and when it changes, not at every try. */
export interface SaidOnce {
  trouble(error: unknown): void
  over(): void
}

export function saidOnce(logger: Logger, doing: string): SaidOnce {
  let said: string | null = null
  return {
    trouble(error) {
      const text = describe(error)
      if (text !== said) logger.warn({}, `${doing}: ${text}`)
      said = text
    },
    over() {
      said = null
    },
  }
}
