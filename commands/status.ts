import type { StatusReader } from '../runtime/read-status.js'
import type { Status } from '../runtime/status.js'
import { isTributaryError, TributaryError } from '../schemas/errors.js'
import { type App, command } from './command.js'
import { flag, wholeNumber } from './flags.js'
import { troubles } from './status-check.js'
import { watchedText } from './status-stale.js'
import { statusText } from './status-text.js'
import { makeTrend } from './status-trend.js'
import { makeScreen } from './terminal/screen.js'
import { columnsOf } from './terminal/wrap.js'
import { untilStopped } from './until-stopped.js'
import { withServices } from './with-services.js'

export const statusCommand = command({
  name: 'status',
  about:
    'Whether the roles run, positions and lag, freshness of every dataset, refusals by code. Read from Kafka and S3, no process is asked.',
  arguments: {},
  flags: {
    watch: flag(
      'Again and again until Ctrl-C, with the trend of the lag: redrawn on a terminal, else block by block. With --json a document a line.',
    ),
    check: flag(
      'For a monitor: exit code 0 only when every role runs, each partition has its task and every server answers; else 1, and what is wrong. A re-balance is waited out for 10 s.',
    ),
    every: wholeNumber('seconds', 'How often with --watch (2 when not given).', 2),
  },
  json: true,
  stopsItself: true,
  examples: [
    ['status', 'tables'],
    ['status --watch', 'redrawn every two seconds'],
    ['status --json', 'for a script; a field that is not there is not known now, `unknown` says why'],
    ['status --check', 'for an alert'],
  ],
  async run(app, { watch, check, every }) {
    if (watch && check) throw new TributaryError('WRONG_USAGE', 'status: --watch or --check, not both')
    if (watch) return watchStatus(app, every)
    if (check) return checkStatus(app)
    const [{ readStatus }, { topology }] = await Promise.all([import('../runtime/read-status.js'), import('../topology.js')])
    const status = await untilStopped(
      withServices(app, services => readStatus(services, topology)),
      app.signal,
    )
    app.output.result(status, columns => statusText(status, null, false, columns))
    return 0
  },
})

/** A role that is restarted and a group that shares its tasks out are no trouble yet. */
const checkMs = 10_000

async function checkStatus(app: App): Promise<number> {
  const [{ openStatus }, { topology }] = await Promise.all([import('../runtime/read-status.js'), import('../topology.js')])
  const found = await untilStopped(
    withServices(app, async services => {
      const reader = await openStatus(services, topology)
      try {
        for (const began = services.clock.monotonic(); ; await services.clock.sleep(500, app.signal)) {
          const found = troubles(await reader.read())
          if (found.length === 0 || services.clock.monotonic() - began > checkMs) return found
        }
      } finally {
        await reader.close()
      }
    }),
    app.signal,
  )
  app.output.result({ ok: found.length === 0, troubles: found }, () => (found.length === 0 ? 'every role runs' : found.join('\n')))
  return found.length === 0 ? 0 : 1
}

async function watchStatus(app: App, every: number): Promise<number> {
  const [{ openStatus }, { topology }] = await Promise.all([import('../runtime/read-status.js'), import('../topology.js')])
  const { terminal } = app.output
  const screen = terminal === null ? null : makeScreen(terminal)
  const list = terminal === null ? app.output.list('lines') : null
  const trend = makeTrend()
  /** The last in which nothing was unknown. */
  let whole: Status | null = null
  return withServices(app, async services => {
    const reader = await untilStopped(openStatus(services, topology), app.signal)
    try {
      while (!app.signal.aborted) {
        const { status, error } = await readOrSay(app, reader)
        if (app.signal.aborted) break
        if (status?.unknown.length === 0) whole = status
        if (status !== null) trend.sample(status)
        const people = watchedText(whole, status, error, trend, terminal === null ? undefined : columnsOf(terminal) - 1)
        screen?.draw(people)
        const goesOn =
          status === null
            ? true
            : await list?.item(
                () => JSON.stringify(status),
                () => `${people}\n`,
              )
        if (goesOn === false) break
        await services.clock.sleep(every * 1000, app.signal)
      }
    } finally {
      await reader.close()
    }
    return 0
  })
}

/** A server that is away for a while is no end of watching. */
async function readOrSay(app: App, reader: StatusReader): Promise<{ status: Status | null; error: string | null }> {
  try {
    return { status: await untilStopped(reader.read(), app.signal), error: null }
  } catch (error) {
    if (app.signal.aborted) return { status: null, error: null }
    if (!isTributaryError(error) || !error.retry) throw error
    if (app.output.terminal === null) app.output.note(error.message)
    return { status: null, error: error.message }
  }
}
