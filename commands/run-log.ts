import { type Spawn, spawnLogged } from '../runtime/child.js'
import { systemClock } from '../runtime/clock.js'
import { type LogLine, logLine } from '../runtime/log-line.js'
import { type Logger, makeLogger } from '../runtime/logger.js'
import type { Environment } from './command.js'
import { redactorOf } from './terminal/error-text.js'
import type { OutputStream } from './terminal/output.js'
import { printable } from './terminal/printable.js'
import { columnsOf, wrap } from './terminal/wrap.js'

/** What `run` and its roles say: JSON, a document a line, whatever prints it. On a terminal the same for people. */
export interface RunLog {
  /** Of this process. */
  readonly logger: Logger
  /** Starts processes whose output becomes part of the log. */
  readonly spawn: Spawn
  /** Takes in a line that something has printed. */
  printed(name: string, text: string): void
}

const levels = ['debug', 'info', 'warn', 'error', 'silent']

export function runLog(stream: OutputStream, env: Environment): RunLog {
  const redact = redactorOf(env)
  const columns = columnsOf(stream)
  const printed = (name: string, text: string) => {
    if (text === '') return
    const line = logLine(text, name, systemClock.now())
    stream.write(`${redact(stream.isTTY === true ? wrap(lineText(line), columns) : JSON.stringify(line))}\n`)
  }
  // A level that does not exist is a mistake that has to be said here.
  const level = levels.find(each => each === env.LOG_LEVEL) ?? 'info'
  return {
    logger: makeLogger(level, { name: 'run' }, redact, { write: text => printed('run', text.trimEnd()) }),
    spawn: spawnLogged(printed),
    printed,
  }
}

const words: Readonly<Record<number, string>> = { 40: 'warning: ', 50: 'error: ' }

/** `08:15:02 route      tasks assigned  partitions=[0,1,2,3]` */
function lineText({ level, time, name, role, msg, printed, ...fields }: LogLine): string {
  const rest = Object.entries(fields).map(([key, value]) => `  ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const word = printed === true ? '' : (words[Number(level)] ?? '')
  return printable(`${String(time).slice(11, 19)} ${String(role ?? name).padEnd(9)}  ${word}${String(msg)}${rest.join('')}`)
}
