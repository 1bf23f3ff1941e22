import { TributaryError } from '../schemas/errors.js'
import { unreachable } from '../stack/services.js'
import type { PartStatus, StackStatus } from '../stack/stack.js'
import { command } from './command.js'
import { servicesText } from './services-text.js'
import { table } from './terminal/table.js'

export const stackStatusCommand = command({
  name: 'stack status',
  about: 'Whether the local stack runs, and its addresses.',
  arguments: {},
  flags: {},
  json: true,
  examples: [
    ['stack status', 'what runs, on which ports'],
    ['stack status --json', 'addresses and credentials for a script'],
  ],
  async run(app) {
    const { stackStatus } = await import('../stack/stack.js')
    const { dataDir } = app.config()
    const status = await stackStatus(dataDir)
    if (!app.output.json && status.parts.length > 0) app.output.say(`${partsText(status)}\n`)
    const { services } = status
    if (services === null) throw notRunning(status, dataDir)
    app.output.result(services, () => servicesText(services))
    return 0
  },
})

function partsText(status: StackStatus): string {
  return table(
    ['part', 'program', 'state', status.parts.some(part => part.container !== null) ? 'container' : 'process', 'ports'],
    status.parts.map(part => [
      part.name,
      `${part.kind} ${part.version}`,
      stateOf(part),
      part.container ?? part.pid?.toString() ?? null,
      portsOf(part),
    ]),
  )
}

const stateOf = (part: PartStatus) => (part.ready ? 'ready' : part.pid === null && part.container === null ? 'stopped' : 'does not answer')
const portsOf = (part: PartStatus) =>
  Object.entries(part.ports)
    .map(([name, port]) => `${name} ${port}`)
    .join(', ')

/** The part that is missing gives the code; none at all is Kafka's. */
function notRunning(status: StackStatus, dataDir: string): TributaryError {
  const down = status.parts.filter(part => !part.ready)
  const what = down.length > 0 ? `${down.map(part => `${part.name} ${stateOf(part)}`).join(', ')} in` : 'none runs in'
  return new TributaryError(unreachable[down[0]?.name ?? 'kafka'], `asking the local stack: ${what} ${dataDir}`)
}
