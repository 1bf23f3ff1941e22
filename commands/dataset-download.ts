import { command } from './command.js'
import { neededText } from './flags.js'
import { count } from './terminal/format.js'
import { progressView } from './terminal/progress-bar.js'
import { withDatasetsBucket } from './with-datasets-bucket.js'

export const datasetDownload = command({
  name: 'dataset download',
  about: 'Copies the files of a dataset, as its manifest lists them now, into a folder.',
  arguments: { id: 'Id of the dataset.' },
  flags: { to: neededText('dir', 'Folder; the files lie in it under their manifest keys.') },
  json: true,
  examples: [['dataset download attempts --to ./data', 'all files, checked against their SHA-256']],
  async run(app, { to }, { id }) {
    const { downloadDataset } = await import('../runtime/datasets/download.js')
    const view = progressView(app.output.progressStream, () => performance.now())
    const onFile = (key: string, done: number, total: number) =>
      view.show({ part: total > 0 ? done / total : null, text: `${done} of ${count(total, 'file')}  ${key}` })
    const { files } = await withDatasetsBucket(app, bucket => downloadDataset(bucket, id, to, onFile)).finally(() => view.end())
    app.output.result({ files }, () => [...files, `${count(files.length, 'file')} in ${to}`].join('\n'))
    return 0
  },
})
