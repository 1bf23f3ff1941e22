const warn = 40

/** One line of a log, read. */
export type LogLine = Readonly<Record<string, unknown>>

/**
 * A log is JSON, a document a line. What Node.js and libraries print beside it (warnings, the last words of V8) becomes a line like the
 * others: `printed` says that it was none. `time` in milliseconds.
 */
export function logLine(text: string, name: string, time: number): LogLine {
  return parsed(text) ?? { level: warn, time: new Date(time).toISOString(), name, printed: true, msg: text }
}

function parsed(text: string): LogLine | null {
  if (!text.startsWith('{')) return null
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return null
  }
}
