import type { StatusReader } from '../runtime/read-status.js'
import type { Status } from '../runtime/status.js'
import { isTributaryError } from '../schemas/errors.js'
import { type App, command } from './command.js'
import { flag, wholeNumber } from './flags.js'
import { statusText } from './status-text.js'
import { makeTrend } from './status-trend.js'
import { makeScreen } from './terminal/screen.js'
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
    every: wholeNumber('seconds', 'How often with --watch (2 when not given).', 2),
  },
  json: true,
  stopsItself: true,
  examples: [
    ['status', 'tables'],
    ['status --watch', 'redrawn every two seconds'],
    ['status --json', 'for a script or an alert'],
  ],
  async run(app, { watch, every }) {
    if (watch) return watchStatus(app, every)
    const [{ readStatus }, { topology }] = await Promise.all([import('../runtime/read-status.js'), import('../topology.js')])
    const status = await untilStopped(
      withServices(app, services => readStatus(services, topology)),
      app.signal,
    )
    app.output.result(status, () => statusText(status))
    return 0
  },
})

async function watchStatus(app: App, every: number): Promise<number> {
  const [{ openStatus }, { topology }] = await Promise.all([import('../runtime/read-status.js'), import('../topology.js')])
  const { terminal } = app.output
  const screen = terminal === null ? null : makeScreen(terminal)
  const list = terminal === null ? app.output.list('lines') : null
  const trend = makeTrend()
  return withServices(app, async services => {
    const reader = await untilStopped(openStatus(services, topology), app.signal)
    try {
      while (!app.signal.aborted) {
        const status = await readOrSay(app, reader)
        if (app.signal.aborted) break
        if (status !== null) {
          trend.sample(status)
          const people = () => `${status.at}\n\n${statusText(status, trend)}`
          screen?.draw(people())
          const goesOn = await list?.item(
            () => JSON.stringify(status),
            () => `${people()}\n`,
          )
          if (goesOn === false) break
        }
        await services.clock.sleep(every * 1000, app.signal)
      }
    } finally {
      await reader.close()
    }
    return 0
  })
}

/** A server that is away for a while is no end of watching. */
async function readOrSay(app: App, reader: StatusReader): Promise<Status | null> {
  try {
    return await untilStopped(reader.read(), app.signal)
  } catch (error) {
    if (app.signal.aborted) return null
    if (!isTributaryError(error) || !error.retry) throw error
    app.output.note(error.message)
    return null
  }
}
