import { command } from './command.js'
import { datasetsText } from './status-text.js'
import { withServices } from './with-services.js'

export const datasetList = command({
  name: 'dataset list',
  about: 'All datasets: state, rows, files, how fresh they are.',
  arguments: {},
  flags: {},
  json: true,
  examples: [['dataset list', 'one line per dataset']],
  async run(app) {
    const { listDatasets } = await import('../runtime/datasets/read.js')
    const datasets = await withServices(app, listDatasets)
    app.output.result(datasets, columns =>
      datasets.length === 0 ? 'no dataset yet: `tributary dataset apply FILE` asks for one' : datasetsText(datasets, null, columns),
    )
    return 0
  },
})
