import { fileURLToPath } from 'node:url'
import { runCommandLine } from './commands/run-command-line.js'
import { redactorOf, shownError } from './commands/terminal/error-text.js'
import { packageRoot } from './runtime/package-root.js'

/** Exit codes of a process that was told twice. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
/** `npm start` passes on the Ctrl-C that the terminal has sent to everyone: two signals at once are one wish. */
const sameWishMs = 500

const stop = new AbortController()
let toldAt: number | null = null
for (const [signal, exitCode] of Object.entries(signals)) {
  process.on(signal, () => {
    if (toldAt !== null && performance.now() - toldAt > sameWishMs) process.exit(exitCode)
    toldAt ??= performance.now()
    stop.abort()
  })
}

// `tributary status | head` closes the pipe early: nothing is wrong with that.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1)
  })

/** A service has nothing but a log: warnings of Node.js are lines of it, too. */
const log = process.argv[2] === 'run' ? (await import('./commands/run-log.js')).runLog(process.stderr, process.env) : null
if (log !== null) {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => log.printed('node', `${name}: ${message}`))
}

const crash = (error: unknown) => {
  const shown = shownError(error, redactorOf(process.env))
  log?.logger.error({ code: shown.code, details: shown.details }, shown.message)
  const text = log === null ? `${process.env.LOG_LEVEL === 'debug' ? `${shown.details}\n` : ''}${shown.message}\n` : ''
  process.stderr.write(text, () => process.exit(1))
}
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)

// The AWS SDK would tell every user of Node 20, at every start, that its versions of 2027 need a newer one. The README says it once.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const code = await runCommandLine({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  root: packageRoot(),
  entry: fileURLToPath(import.meta.url),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
})
// Not by waiting for the last handle: a broken connection may keep one. What is written comes out first.
process.stdout.write('', () => process.exit(code))
