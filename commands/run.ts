import type { AnyRoleName } from '../runtime/roles.js'
import { isTributaryError, TributaryError } from '../schemas/errors.js'
import { type App, command } from './command.js'
import { choice, choices } from './flags.js'
import { misspelt } from './misspelt.js'
import { needsS3, roleNames, roles, rolesToRun, runMistakes } from './run-settings.js'
import { count, duration } from './terminal/format.js'
import { untilStopped } from './until-stopped.js'
import { withServices } from './with-services.js'

const rolesText = Object.entries(roles)
  .map(([name, about]) => `${name} (${about})`)
  .join(', ')

export const runCommand = command({
  name: 'run',
  about: 'Runs the roles until Ctrl-C, each in a process of its own. Creates missing topics first. More instances share the work.',
  arguments: {},
  flags: {
    roles: choices(roleNames, 'roles', `Which of ${rolesText}. Absent = all, follow only when FOLLOW_BUCKET is set.`),
    role: { ...choice(roleNames, 'role', 'One role, in this process, on topics that exist.'), hidden: true },
  },
  json: false,
  stopsItself: true,
  log: true,
  examples: [
    ['run', 'everything, on the local stack or on what KAFKA_BROKERS, SCHEMA_REGISTRY_URL and S3_ENDPOINT name'],
    ['run --roles sink,publish', 'only these, e.g. on a second machine'],
  ],
  run: (app, options) => (options.role === null ? runSupervised(app, options.roles) : runInside(app, options.role)),
})

async function runSupervised(app: App, chosen: readonly AnyRoleName[] | null): Promise<number> {
  const { logger, spawn } = await app.log()
  const config = app.config()
  const names = rolesToRun(config, chosen)
  const [{ usesLocalStack }, { prepareTopics }, { supervise }, { systemClock }, { misreadsEscapedKeys }] = await Promise.all([
    import('../runtime/addresses.js'),
    import('../runtime/topics-admin.js'),
    import('../runtime/supervisor.js'),
    import('../runtime/clock.js'),
    import('../runtime/engine-fault.js'),
  ])
  const mistakes = runMistakes(config, names, usesLocalStack(config))
  if (mistakes.length > 0) throw new TributaryError('CONFIG_INVALID', mistakes.map(({ env, mistake }) => `${env}: ${mistake}`).join('; '))
  for (const { given, meant } of misspelt(app.env)) logger.warn({}, `${given} is set and means nothing here: did you mean ${meant}?`)
  if (misreadsEscapedKeys())
    logger.warn({}, `node ${process.version} misreads some escaped keys of JSON (nodejs/node#63785), Node.js 22 does not: use that`)
  const prepare = withServices(
    app,
    async services => {
      if (needsS3(names)) await services.requireCredentials()
      return prepareTopics(services)
    },
    { name: 'command', log: 'quiet', patient: true },
  )
  const { created, slow } = await untilStopped(prepare, app.signal)
  if (created.length > 0) logger.info({}, `${count(created.length, 'topic')} created`)
  if (slow.length > 0)
    logger.warn({}, `${count(slow.length, 'setting')} of topics make restarts slow: \`tributary topics apply\` sets them`)
  const wanted = names.map(name => ({
    name,
    command: process.execPath,
    args: [...process.execArgv, app.entry, 'run', '--role', name],
    env: app.env,
  }))
  await supervise(wanted, {
    clock: systemClock,
    signal: app.signal,
    spawn,
    events: {
      started: (name, pid) => logger.info({ role: name }, `${name} started (process ${pid})`),
      died: (name, pid, how, waitMs) => logger.warn({ role: name }, `${name}${processText(pid)} ended ${how}; ${next(waitMs)}`),
      killed: (name, pid) =>
        logger.warn({ role: name }, `${name}${processText(pid)} did not stop in time and was killed: it resumes from its position`),
    },
  })
  logger.info({}, 'stopped')
  return 0
}

const processText = (pid: number | null) => (pid === null ? '' : ` (process ${pid})`)
const next = (waitMs: number | null) => (waitMs === null ? 'giving up' : `starting it again in ${duration(waitMs / 1000)}`)

async function runInside(app: App, role: AnyRoleName): Promise<number> {
  const [{ runOneRole }, { topology }, { cannotRunExitCode, serverAwayExitCode }, { whenParentEnds }] = await Promise.all([
    import('../runtime/roles.js'),
    import('../topology.js'),
    import('../runtime/supervisor.js'),
    import('../runtime/child.js'),
  ])
  const orphaned = new AbortController()
  // A supervisor that ends while it stops its roles was told twice: then nothing waits for anything any more.
  const abandoned = new Promise<number>(resolve =>
    whenParentEnds(() => {
      if (app.signal.aborted) resolve(1)
      else orphaned.abort()
    }),
  )
  const signal = AbortSignal.any([app.signal, orphaned.signal])
  const running = async () => {
    try {
      await withServices(app, services => runOneRole(role, services, topology, signal), { name: role, log: 'usual' })
      return 0
    } catch (error) {
      if (!isTributaryError(error)) throw error
      const { logger } = await app.log()
      const { code, message, retry } = error as TributaryError
      // Nothing is lost while a server is away: the supervisor starts the role again.
      logger[retry ? 'warn' : 'error']({ role, code }, message)
      return error.retry ? serverAwayExitCode : cannotRunExitCode
    }
  }
  return Promise.race([running(), abandoned])
}
