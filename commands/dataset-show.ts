import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'
import { manifestText } from './manifest-text.js'
import { withServices } from './with-services.js'

export const datasetShow = command({
  name: 'dataset show',
  about: 'What a dataset is now: its manifest.',
  arguments: { id: 'Id of the dataset.' },
  flags: {},
  json: true,
  examples: [
    ['dataset show attempts', 'rows, files, history, how complete'],
    ['dataset show attempts --json', 'the manifest itself'],
  ],
  async run(app, _, { id }) {
    const { readManifest } = await import('../runtime/datasets/read.js')
    const manifest = await withServices(app, services => readManifest(services, id))
    if (manifest === null)
      throw new TributaryError(
        'INCOMPLETE',
        `reading the manifest of ${id}: there is none yet; \`tributary dataset list\` shows all datasets`,
      )
    app.output.result(manifest, () => manifestText(manifest))
    return 0
  },
})
