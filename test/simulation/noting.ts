import type { Logger } from '../../runtime/logger.js'
import type { Tally } from './faults.js'
import type { Scheduler } from './scheduler.js'

/** What a process says goes into the trace, where one is kept. */
export function noting(scheduler: Scheduler, name: string, tally: Tally): Logger {
  const say = (_: object, text: string) => {
    if (text.includes('FENCED')) tally.fenced++
    scheduler.note(`${name}: ${text}`)
  }
  const logger: Logger = { debug: () => undefined, info: say, warn: say, error: say, child: () => logger }
  return logger
}
