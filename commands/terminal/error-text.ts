import { secretsIn } from '../../config.js'
import { isTributaryError } from '../../schemas/errors.js'
import { redactor } from '../../schemas/secrets.js'

export interface ShownError {
  readonly code: string
  readonly message: string
  /** For `LOG_LEVEL=debug`: what lies below, and where. */
  readonly details: string
}

/** A known error is its own text. Any other is a mistake in Tributary: its text, and how to see where it came from. */
export function shownError(error: unknown, redact: (text: string) => string): ShownError {
  const details = redact(detailsOf(error))
  if (isTributaryError(error)) return { code: error.code, message: redact(error.message), details }
  return { code: 'UNEXPECTED', message: redact(`unexpected error: ${messageOf(error)} (LOG_LEVEL=debug shows where)`), details }
}

/** Masks the secrets of this environment. */
export const redactorOf = (env: Readonly<Record<string, string | undefined>>) => redactor(secretsIn(env))

function detailsOf(error: unknown): string {
  const lines: string[] = []
  for (let at = error; at !== undefined && at !== null && lines.length < 8; at = (at as { cause?: unknown }).cause)
    lines.push((at as { stack?: string }).stack ?? messageOf(at))
  return lines.join('\ncaused by: ')
}

/** A refused connection to several addresses has no text of its own, only a code. */
function messageOf(error: unknown): string {
  const { message, code, name } = (error ?? {}) as { message?: string; code?: string; name?: string }
  return message || code || name || String(error)
}
