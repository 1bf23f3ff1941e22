import { command } from './command.js'
import { flag } from './flags.js'

export const demoCommand = command({
  name: 'demo',
  about: 'Everything once, on a local stack: history with faults in it, a killed process, a live event, datasets. `npm start` is this.',
  arguments: {},
  flags: { once: flag('Print the summary and end, instead of staying up for looking around.') },
  json: true,
  stopsItself: true,
  examples: [
    ['demo', 'stays up until Ctrl-C'],
    ['demo --once', 'prints the summary and exits 0'],
  ],
  async run(app, { once }) {
    const { runDemo } = await import('../demo/demo.js')
    const { root, entry, env, signal, output } = app
    return runDemo({ root, entry, dataDir: app.config().dataDir, once, env, signal, out: output })
  },
})
