import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'
import { flag, neededText } from './flags.js'
import { versionOf } from './pin-version.js'
import { count } from './terminal/format.js'
import { progressView } from './terminal/progress-bar.js'
import { withDatasetsBucket } from './with-datasets-bucket.js'

export const datasetDownload = command({
  name: 'dataset download',
  about: 'Copies the files of a dataset into a folder: as its manifest lists them now, or of a version.',
  arguments: { id: 'Id of the dataset.', version: { optional: 'Number of a version that is kept; a pinned one always is.' } },
  flags: {
    to: neededText('dir', 'Folder; the files lie in it under their manifest keys.'),
    pinned: flag('The newest version that is pinned.'),
  },
  json: true,
  examples: [
    ['dataset download attempts --to ./data', 'all files, checked against their SHA-256'],
    ['dataset download attempts 12 --to ./data', 'what was cited; `sha256sum -c` checks it (docs/citing.md)'],
  ],
  async run(app, { to, pinned }, { id, version }) {
    if (pinned && version !== null) throw new TributaryError('WRONG_USAGE', 'dataset download: a version or --pinned, not both')
    const { downloadDataset } = await import('../runtime/datasets/download.js')
    const view = progressView(app.output.progressStream, () => performance.now())
    const onFile = (key: string, done: number, total: number) =>
      view.show({ part: total > 0 ? done / total : null, text: `${done} of ${count(total, 'file')}  ${key}` })
    const wanted = pinned ? 'pinned' : version === null ? null : versionOf(version)
    const done = await withDatasetsBucket(app, bucket => downloadDataset(bucket, id, to, onFile, wanted)).finally(() => view.end())
    app.output.result(done, () =>
      [
        ...done.files,
        `${count(done.files.length, 'file')} of version ${done.version} in ${to}`,
        ...(done.contentSha256 === null ? [] : [`content hash ${done.contentSha256}, as it was pinned`]),
      ].join('\n'),
    )
    return 0
  },
})
