import { isTributaryError } from '../../schemas/errors.js'

export interface ShownError {
  readonly code: string
  readonly message: string
  /** For `LOG_LEVEL=debug`: what lies below, and where. */
  readonly details: string
}

/** A known error is its own text. Any other is a mistake in Tributary: its text, and how to see where it came from. */
export function shownError(error: unknown): ShownError {
  const details = detailsOf(error)
  if (isTributaryError(error)) return { code: error.code, message: error.message, details }
  return { code: 'UNEXPECTED', message: `unexpected error: ${messageOf(error)} (LOG_LEVEL=debug shows where)`, details }
}

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
