import type { Services } from '../runtime/services.js'
import type { App } from './command.js'

/** How long a person's command waits for a registry that does not answer. */
const registryMs = 30_000

interface Use {
  readonly name: string
  readonly log: 'quiet' | 'usual'
  /** Waits for servers as long as it takes, as roles do. */
  readonly patient?: boolean
}

/**
 * Opens the clients, lends them and closes them. What the environment leaves open comes from the running local stack.
 * The modules are loaded here and not above: `--help` answers before a Kafka client is read from the disk.
 *
 * A role logs what it does; a command prints it, so its log is only what a person should know ('quiet'), unless LOG_LEVEL asks for more.
 */
export async function withServices<T>(
  app: App,
  use: (services: Services) => Promise<T>,
  as: Use = { name: 'command', log: 'quiet' },
): Promise<T> {
  const [{ addressesOf }, { openServices }, { endedParts, readServices }] = await Promise.all([
    import('../runtime/addresses.js'),
    import('../runtime/services.js'),
    import('../stack/stack.js'),
  ])
  const config = app.config()
  const addresses = addressesOf(config, readServices(config.dataDir), endedParts(config.dataDir))
  const logLevel = as.log === 'quiet' && app.env.LOG_LEVEL === undefined ? 'warn' : config.logLevel
  const services = openServices({ ...config, logLevel }, addresses, as.name, app.signal, {
    giveUpMs: as.log === 'usual' || as.patient ? undefined : registryMs,
  })
  try {
    return await use(services)
  } finally {
    await services.close()
  }
}
