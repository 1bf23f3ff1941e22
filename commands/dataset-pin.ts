import { command } from './command.js'
import { flag, text, wholeNumber } from './flags.js'
import { pinText } from './pin-text.js'
import { versionOf } from './pin-version.js'
import { withDatasetsBucket } from './with-datasets-bucket.js'

export const datasetPin = command({
  name: 'dataset pin',
  about: 'Makes a version of a dataset stay for ever, with its files, and gives it a content hash: so it can be cited.',
  details: `A version that is not pinned is kept for 24 hours, the last one of a day for 30 days. A pinned one stays until \`dataset unpin\`, whatever becomes of
the dataset. docs/citing.md says how to cite it, and how a reader checks a copy with stock tools.`,
  arguments: {
    id: 'Id of the dataset.',
    version: { optional: 'Its number, as `dataset show` and the page have it. Not given: the one that is shown now.' },
  },
  flags: {
    note: text('text', 'What it is pinned for; it stands beside the hash.'),
    timeout: wholeNumber('seconds', 'How long to wait for a `gc` that is at work (60 when not given).', 60),
    dryRun: flag('Only say what would be pinned.'),
  },
  json: true,
  examples: [
    ['dataset pin attempts', 'the version that is shown now'],
    ['dataset pin attempts 12 --note table-3', 'an earlier one, which is still there'],
  ],
  async run(app, { note, timeout, dryRun }, { id, version }) {
    const [{ pinVersion }, { systemClock }] = await Promise.all([import('../runtime/datasets/pin.js'), import('../runtime/clock.js')])
    let said = false
    const onWait = () => {
      if (!said) app.output.note('a `gc` is at work on this dataset: waiting until it has ended')
      said = true
    }
    const request = {
      version: version === null ? null : versionOf(version),
      note,
      dryRun,
      timeoutMs: timeout * 1000,
      clock: systemClock,
      signal: app.signal,
      onWait,
    }
    const { pin, unchanged } = await withDatasetsBucket(app, bucket => pinVersion(bucket, id, request))
    app.output.result({ dryRun, unchanged, pin }, () => {
      const done = dryRun ? 'would be pinned' : unchanged ? 'was pinned before' : 'is pinned: it stays, with its files'
      return `Version ${pin.version} of ${id} ${done}.\n${pinText(pin)}`
    })
    return 0
  },
})
