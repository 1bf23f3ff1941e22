import { TributaryError } from '../schemas/errors.js'
import { stackKinds } from '../stack/services.js'
import type { EndedPart, Preflight, Services, StackEvents, StackOptions } from '../stack/stack.js'
import { type App, command } from './command.js'
import { choice, flag } from './flags.js'
import { servicesText } from './services-text.js'
import { count } from './terminal/format.js'
import type { Output } from './terminal/output.js'
import { type ProgressView, progressView } from './terminal/progress-bar.js'

export const upCommand = command({
  name: 'up',
  about: 'Starts a local Kafka, schema registry and object store for everyone without them. Ctrl-C stops them; with --detach they stay.',
  arguments: {},
  flags: {
    detach: flag('Return when all is ready and leave it running (`tributary down` stops it).'),
    fresh: flag('Wipe the data of an earlier start first.'),
    stack: choice(stackKinds, 'KIND', 'What the servers run as: processes (the default) or docker, as containers of docker-compose.yml.'),
  },
  json: true,
  stopsItself: true,
  examples: [
    ['up', 'start, stay in the foreground, stop at Ctrl-C'],
    ['up --detach', 'start and leave it running'],
    ['up --detach --fresh', 'start with empty topics and buckets'],
    ['up --stack docker', 'the same servers as containers; they need a Docker engine, and no Java'],
  ],
  async run(app, { detach, fresh, stack }) {
    const { startStack, preflight, stackToStart } = await import('../stack/stack.js')
    const { dataDir } = app.config()
    const options = { root: app.root, dataDir, env: app.env, fresh, kind: stack }
    if (stackToStart(options) === 'processes') explain(await preflight(options), app.output)
    const view = progressView(app.output.progressStream, () => performance.now())
    const services = await startOrStop(app, { ...options, events: shown(view) }, startStack).finally(() => view.end())
    if (services === null) return 1
    app.output.result(services, () => servicesText(services))
    if (detach) return 0
    app.output.note('\nThe local stack runs until Ctrl-C; a server that ends is started again. In another terminal: tributary run')
    return attend(app, { ...options, fresh: false, events: { step: text => app.output.note(text) } })
  },
})

/** What is missing is said before anything is fetched, and how much will be. */
function explain(found: Preflight, output: Output): void {
  if (!found.ok) {
    const lines = Object.entries(found.install ?? {}).map(([system, line]) => `  ${system.padEnd(16)} ${String(line)}`)
    if (lines.length > 0) output.note(`To install what is missing:\n${lines.join('\n')}`)
    throw new TributaryError('MACHINE_LACKS', found.missing.join('; '))
  }
  const { megabytes, minutes } = found.fetch
  if (megabytes > 0)
    output.note(`the first start fetches about ${megabytes} MB (${count(minutes, 'minute')} on a modest line); later ones need no network`)
}

function shown(view: ProgressView): StackEvents {
  return {
    step: text => view.note(text),
    progress: (what, done, total) => view.show({ part: total > 0 ? done / total : null, text: `${what}  ${done} of ${total} MB` }),
  }
}

/** Ctrl-C during the start: what was begun is stopped again. Null = it was. */
async function startOrStop(app: App, options: StackOptions, start: (options: StackOptions) => Promise<Services>): Promise<Services | null> {
  try {
    const services = await start(options)
    if (!app.signal.aborted) return services
  } catch (error) {
    if (!app.signal.aborted) throw error
  }
  await stop(app, options.dataDir)
  return null
}

/** So many ends of one server in so long a time, and starting it again helps no more. */
const tooMany = 5
const withinMs = 60_000

/** Until Ctrl-C, or until somebody else stops the stack. A server that ends is named and started again; one that keeps ending ends all. */
async function attend(app: App, options: StackOptions): Promise<number> {
  const [{ readServices, restartEnded }, { systemClock }] = await Promise.all([import('../stack/stack.js'), import('../runtime/clock.js')])
  const ends: { readonly name: string; readonly at: number }[] = []
  const report = ({ name, kind, said }: EndedPart) => {
    const at = systemClock.monotonic()
    ends.push({ name, at })
    const often = ends.filter(end => end.name === name && at - end.at < withinMs).length >= tooMany
    app.output.note(`${name} (${kind}) ended; ${often ? 'giving up' : 'starting it again'}. The last line of its log: ${said || 'none'}`)
    if (often) throw new TributaryError('INCOMPLETE', `running the local stack: ${name} (${kind}) ended ${tooMany} times within a minute`)
  }
  while (!app.signal.aborted) {
    await systemClock.sleep(1_000, app.signal)
    if (app.signal.aborted || readServices(options.dataDir) !== null) continue
    try {
      if ((await restartEnded(options, report)) !== null) continue
    } catch (error) {
      await stop(app, options.dataDir)
      throw error
    }
    app.output.note('the local stack was stopped from elsewhere')
    return 0
  }
  await stop(app, options.dataDir)
  return 0
}

async function stop(app: App, dataDir: string): Promise<void> {
  const { stopStack } = await import('../stack/stack.js')
  app.output.note('\nstopping the local stack (its data stays)')
  const { left } = await stopStack(dataDir)
  if (left.length > 0) throw new TributaryError('INCOMPLETE', `stopping the local stack: ${left.join(' and ')} did not end`)
}
