import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'

export const downCommand = command({
  name: 'down',
  about: 'Stops the local stack. Its data stays.',
  arguments: {},
  flags: {},
  json: true,
  examples: [['down', 'stop Kafka, registry and object store of this checkout']],
  async run(app) {
    const { stopStack } = await import('../stack/stack.js')
    const { stopped, left } = await stopStack(app.config().dataDir)
    if (left.length > 0) throw new TributaryError('INCOMPLETE', `stopping the local stack: ${left.join(' and ')} did not end`)
    app.output.result({ stopped }, () => (stopped.length > 0 ? `stopped: ${stopped.join(', ')}` : 'no local stack was running'))
    return 0
  },
})
