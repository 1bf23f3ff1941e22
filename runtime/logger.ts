import { pino } from 'pino'

/** info: nobody has to act; warn: nothing is lost; error: data is at risk or a person is needed. No line per event. */
export interface Logger {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
  child(fields: object): Logger
}

/** JSON lines to standard error, so that standard output stays what a command prints. `redact` masks what nobody may see in a line. */
export function makeLogger(
  level: string,
  fields: object = {},
  redact: (line: string) => string = line => line,
  out: Lines = stderr(),
): Logger {
  const stream = { write: (line: string) => void out.write(redact(line)) }
  return pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime }, stream) as Logger
}

interface Lines {
  write(line: string): unknown
}

const stderr = (): Lines => pino.destination({ dest: 2, sync: true })

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}

/** What a log line says of an error: the text, and the chain of causes. */
export function describe(error: unknown): string {
  const parts: string[] = []
  for (let e = error; e !== undefined && e !== null && parts.length < 4; e = (e as { cause?: unknown }).cause)
    parts.push((e as { message?: string }).message ?? String(e))
  return parts.join(' <- ')
}
