import type { ResetPlan, ResetScope } from '../runtime/reset/plan-reset.js'
import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'
import { flag } from './flags.js'
import { count, number } from './terminal/format.js'
import { table } from './terminal/table.js'
import { withServices } from './with-services.js'

export const resetCommand = command({
  name: 'reset',
  about:
    'Makes everything that is derived from xapi anew, from its beginning: topics, local state, group offsets. Refuses while a role runs.',
  details: `Dataset specs and what was decided about dead letters stay, and so do the files in S3: manifests show them until the new files hold as
much, then \`gc\` may remove them. Without --sources what backfill has read stays read, since it is in xapi; only objects with refused lines
are read again, for their dead letters.`,
  arguments: {},
  flags: {
    sources: flag('Also forget which objects were read: the next backfill reads all of them.'),
    everything: flag('Also delete the statements (xapi) and forget what was read. Only what lies in S3 comes back, by a backfill.'),
    dryRun: flag('Only print the plan.'),
    yes: flag('Do it. Without it only the plan is printed.'),
  },
  json: true,
  examples: [
    ['reset --dry-run', 'what would be done'],
    ['reset --yes', 'do it; then `tributary run`'],
    ['reset --everything --yes', 'as if nothing had ever been received, but for the dataset specs'],
  ],
  async run(app, { sources, everything, dryRun, yes }) {
    if (dryRun && yes) throw new TributaryError('WRONG_USAGE', '--dry-run and --yes exclude each other')
    const scope: ResetScope = everything ? 'everything' : sources ? 'sources' : 'derived'
    const [{ planReset }, { reset }] = await Promise.all([import('../runtime/reset/plan-reset.js'), import('../runtime/reset/reset.js')])
    const plan = await withServices(app, services => (yes ? reset(services, scope) : planReset(services, scope)))
    app.output.result({ done: yes, ...plan }, columns => planText(plan, yes, columns))
    if (!yes && !dryRun) app.output.note('Nothing was changed: --yes does it.')
    return yes || (dryRun && plan.live.length === 0 && plan.missing.length === 0) ? 0 : 1
  },
})

const mostObjects = 10

function planText(plan: ResetPlan, done: boolean, columns: number): string {
  const { scope, topics, kept, objects, folders, live, missing, unfinished } = plan
  const shown = objects.slice(0, mostObjects)
  return [
    table(
      [done ? 'made anew' : 'to be made anew', 'offsets'],
      topics.map(({ name, records }) => [name, records]),
      columns,
    ),
    `stays: ${kept.join(', ') || 'nothing'}`,
    ...(objects.length === 0
      ? []
      : [
          `${count(objects.length, 'object')} with refused lines, which the next backfill reads again:`,
          ...shown.map(object => `  ${object}`),
          ...(objects.length > shown.length ? [`  … and ${number(objects.length - shown.length)} more (--json lists all)`] : []),
        ]),
    ...(folders.length === 0 ? [] : [`local state: ${folders.join(', ')}`]),
    ...(unfinished.length === 0 || scope === 'derived'
      ? []
      : [`backfill runs that have not ended: ${unfinished.join(', ')}; stop them first if they are at work`]),
    ...(scope === 'everything' ? ['Statements that did not come from S3 are gone for ever.'] : []),
    ...(live.length === 0 ? [] : [`refused while roles run: ${live.join('; ')}`]),
    ...missing.map(text => `refused: ${text}, so what lay before cannot be routed again (--everything begins anew)`),
    ...(done ? ['', nextText(plan)] : []),
  ].join('\n')
}

function nextText({ scope, objects }: ResetPlan): string {
  if (scope === 'derived') return `Next: tributary run${objects.length > 0 ? ', and a backfill of the objects above' : ''}.`
  return 'Next: tributary run, and the backfills again: until then the history of no section counts as loaded.'
}
