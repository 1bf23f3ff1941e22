import { command } from './command.js'
import { flag } from './flags.js'
import { table } from './terminal/table.js'
import { withServices } from './with-services.js'

export const topicsApply = command({
  name: 'topics apply',
  about:
    'Sets what is not as it should be on topics that are there, and creates the missing ones. A number of partitions is never changed.',
  arguments: {},
  flags: { dryRun: flag('Only print what would be set and created.') },
  json: true,
  examples: [
    ['topics apply --dry-run', 'what differs, and is changed without the flag'],
    ['topics apply', 'after an upgrade: topics of an earlier release get the settings of this one'],
  ],
  async run(app, { dryRun }) {
    const { applyTopics } = await import('../runtime/topics-admin.js')
    const findings = await withServices(app, services => applyTopics(services, { dryRun }))
    app.output.result({ findings, dryRun }, () =>
      findings.length === 0
        ? 'all topics are as they should be'
        : table(
            ['topic', dryRun ? 'to be put right' : 'put right'],
            findings.map(({ topic, problem }) => [topic, problem]),
          ),
    )
    return 0
  },
})
