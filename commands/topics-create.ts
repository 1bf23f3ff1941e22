import { type App, command } from './command.js'
import { flag } from './flags.js'
import { count } from './terminal/format.js'
import { withServices } from './with-services.js'

export const topicsCreate = command({
  name: 'topics create',
  about: 'Creates the missing topics and registers the schemas. A topic that is there and wrong is refused, not changed.',
  arguments: {},
  flags: { dryRun: flag('Only print what would be created.') },
  json: true,
  examples: [
    ['topics create', 'make what is missing (`tributary run` does it too)'],
    ['topics create --dry-run', 'only say what is missing'],
  ],
  async run(app, { dryRun }) {
    const created = await (dryRun ? missing(app) : create(app))
    app.output.result({ created, dryRun }, () => {
      if (created.length === 0) return 'nothing is missing'
      return `${count(created.length, 'topic')} ${dryRun ? 'missing' : 'created'}:\n${created.map(name => `  ${name}`).join('\n')}`
    })
    return 0
  },
})

async function create(app: App): Promise<readonly string[]> {
  const { prepareTopics } = await import('../runtime/topics-admin.js')
  return withServices(app, async services => (await prepareTopics(services)).created)
}

async function missing(app: App): Promise<readonly string[]> {
  const { checkTopics } = await import('../runtime/topics-admin.js')
  const findings = await withServices(app, checkTopics)
  return findings.filter(finding => finding.missing).map(finding => finding.topic)
}
