import { command } from './command.js'
import { statusText } from './status-text.js'
import { withServices } from './with-services.js'

export const statusCommand = command({
  name: 'status',
  about: 'Positions and lag of every partition, freshness of every dataset. Read from Kafka and S3, no process is asked.',
  arguments: {},
  flags: {},
  json: true,
  examples: [
    ['status', 'tables'],
    ['status --json', 'for a script or an alert'],
  ],
  async run(app) {
    const { readStatus } = await import('../runtime/read-status.js')
    const status = await withServices(app, readStatus)
    app.output.result(status, () => statusText(status))
    return 0
  },
})
