import { command } from './command.js'
import { text, wholeNumber } from './flags.js'
import { manifestText } from './manifest-text.js'
import { progressView } from './terminal/progress-bar.js'
import { withServices } from './with-services.js'

export const datasetWait = command({
  name: 'dataset wait',
  about: 'Returns when the dataset contains all that is in xapi now (or a whole backfill run); exit code 1 when that takes too long.',
  arguments: { id: 'Id of the dataset.' },
  flags: {
    backfill: text('run', 'Wait for this backfill run to be loaded.'),
    timeout: wholeNumber('seconds', 'Give up after so many seconds (300 when not given).', 300),
  },
  json: true,
  stopsItself: true,
  examples: [
    ['dataset wait attempts --timeout 60', 'all that has arrived until now'],
    ['dataset wait attempts --backfill 0198c6f2 --timeout 600', 'a whole run'],
  ],
  async run(app, { backfill, timeout }, { id }) {
    const { waitForDataset } = await import('../runtime/datasets/wait.js')
    const view = progressView(app.output.progressStream, () => performance.now())
    const onProgress = (text: string) => view.show({ part: null, text })
    const manifest = await withServices(app, services =>
      waitForDataset(services, id, { backfill, timeoutMs: timeout * 1000 }, app.signal, onProgress),
    ).finally(() => view.end())
    app.output.result(manifest, columns => manifestText(manifest, columns))
    return 0
  },
})
