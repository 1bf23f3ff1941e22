import { command } from './command.js'
import { manifestText } from './manifest-text.js'
import { withDatasetsBucket } from './with-datasets-bucket.js'

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
    const { knownManifest } = await import('../runtime/datasets/unknown-dataset.js')
    const manifest = await withDatasetsBucket(app, bucket => knownManifest(bucket, id))
    app.output.result(manifest, columns => manifestText(manifest, columns))
    return 0
  },
})
