import type { Logger } from '../../runtime/logger.js'

/** A logger into memory: a test's output stays readable, and a failed wait shows the end of it. */
export function listening(said: string[], fields: object = {}): Logger {
  const at = (level: string) => (more: object, text: string) =>
    said.push(`${new Date().toISOString()} ${level} ${text} ${JSON.stringify({ ...fields, ...more })}`)
  return {
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: more => listening(said, { ...fields, ...more }),
  }
}
