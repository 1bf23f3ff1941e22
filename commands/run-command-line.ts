import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Config, readConfig } from '../config.js'
import { isTributaryError } from '../schemas/errors.js'
import { commands, groups } from './all.js'
import type { App, Environment } from './command.js'
import { understand } from './command-line.js'
import { redactorOf, shownError } from './terminal/error-text.js'
import { makeOutput, type Output, type OutputStream } from './terminal/output.js'
import { columnsOf, wrap } from './terminal/wrap.js'
import { untilStopped } from './until-stopped.js'

/** All that comes from outside; `main.ts` reads it from the process. */
export interface Outside {
  readonly argv: readonly string[]
  readonly env: Environment
  readonly cwd: string
  readonly root: string
  readonly entry: string
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly signal: AbortSignal
}

/** From the command line to the exit code. Never throws. */
export async function runCommandLine(outside: Outside): Promise<number> {
  const version = versionOf(outside.root)
  // Until the flags are understood this is the best guess: an error must be JSON too.
  let json = outside.argv.includes('--json')
  let output: Output | null = null
  let writesLog = false
  const redact = redactorOf(outside.env)
  try {
    const understood = understand({ commands, groups, version }, outside.argv, outside.env, text =>
      outside.stdout.write(wrap(text, columnsOf(outside.stdout))),
    )
    if (understood.kind === 'shown') return 0
    if (understood.kind === 'wrong') {
      printError(outside, json, { code: 'WRONG_USAGE', message: redact(understood.text) })
      return 2
    }
    const { command, options, args } = understood.chosen
    writesLog = command.log === true
    json = understood.chosen.json
    output = makeOutput(outside, json, redact)
    const app: App = {
      version,
      root: outside.root,
      entry: outside.entry,
      env: outside.env,
      output,
      log: () => logOf(outside),
      signal: outside.signal,
      config: () => configOf(outside),
    }
    const running = command.run(app, options, args)
    return await (command.stopsItself ? running : untilStopped(running, outside.signal))
  } catch (error) {
    const shown = shownError(error, redact)
    const { code, message, details } = shown
    if (writesLog) (await logOf(outside)).logger.error(outside.env.LOG_LEVEL === 'debug' ? { code, details } : { code }, message)
    else {
      if (outside.env.LOG_LEVEL === 'debug') outside.stderr.write(`${details}\n`)
      // What has begun as one document stays one.
      printError(outside, json && output?.begun !== true, shown)
    }
    return isTributaryError(error, 'WRONG_USAGE') ? 2 : 1
  }
}

/** Loaded when it is needed: most commands have none. */
async function logOf({ stderr, env }: Outside) {
  const { runLog } = await import('./run-log.js')
  return runLog(stderr, env)
}

function printError(outside: Outside, json: boolean, error: { readonly code: string; readonly message: string }): void {
  const { code, message } = error
  if (json) outside.stdout.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`)
  outside.stderr.write(`${wrap(message, columnsOf(outside.stderr))}\n`)
}

/** In a checkout the data folder is the checkout's, wherever the command is typed; a given one is meant from there. */
function configOf({ env, cwd, root }: Outside): Config {
  const config = readConfig(env)
  const isCheckout = existsSync(join(root, 'tsconfig.build.json'))
  const base = env.TRIBUTARY_DATA_DIR === undefined && isCheckout ? root : cwd
  return { ...config, dataDir: resolve(base, config.dataDir) }
}

function versionOf(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}
