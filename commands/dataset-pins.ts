import { command } from './command.js'
import { pinsText } from './pin-text.js'
import { withDatasetsBucket } from './with-datasets-bucket.js'

export const datasetPins = command({
  name: 'dataset pins',
  about: 'The versions that stay, with their content hashes; those that were withdrawn, too, and why.',
  arguments: { id: { optional: 'Only of this dataset.' } },
  flags: {},
  json: true,
  examples: [
    ['dataset pins', 'of all datasets, also of deleted ones'],
    ['dataset pins attempts --json', 'for a script'],
  ],
  async run(app, _, { id }) {
    const { pinsOf } = await import('../runtime/datasets/read-pins.js')
    const pins = await withDatasetsBucket(app, bucket => pinsOf(bucket, id))
    app.output.result({ pins }, columns => pinsText(pins, columns))
    return 0
  },
})
