import { command } from './command.js'
import { flag, neededText } from './flags.js'
import { withdrawnText } from './pin-text.js'
import { versionOf } from './pin-version.js'
import { withDatasetsBucket } from './with-datasets-bucket.js'

export const datasetUnpin = command({
  name: 'dataset unpin',
  about: 'Withdraws a pinned version: its files go with the next `gc`, and who cites it finds the reason in their place.',
  arguments: { id: 'Id of the dataset.', version: 'Number of the version.' },
  flags: {
    reason: neededText('text', 'Why, for those who follow a citation.'),
    yes: flag('Do it. Without it only what would be withdrawn is printed.'),
  },
  json: true,
  examples: [
    ['dataset unpin attempts 12 --reason erasure', 'what would be withdrawn'],
    ['dataset unpin attempts 12 --reason erasure --yes', 'do it, then `gc`'],
  ],
  async run(app, { reason, yes }, { id, version }) {
    const [{ unpinVersion }, { systemClock }] = await Promise.all([import('../runtime/datasets/pin.js'), import('../runtime/clock.js')])
    const request = { reason, dryRun: !yes, clock: systemClock }
    const pin = await withDatasetsBucket(app, bucket => unpinVersion(bucket, id, versionOf(version), request))
    app.output.result({ done: yes, pin }, () => {
      const done = yes ? 'is withdrawn: its files go with the next `gc`, unless something else needs them' : 'would be withdrawn'
      return `Version ${pin.version} of ${id} ${done}.\n${withdrawnText(yes ? pin : { ...pin, withdrawn: null })}`
    })
    if (!yes) app.output.note('Nothing was changed: --yes does it.')
    return yes ? 0 : 1
  },
})
