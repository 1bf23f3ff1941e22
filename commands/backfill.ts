import type { BackfillRequest } from '../runtime/backfill/request.js'
import { TributaryError } from '../schemas/errors.js'
import { planDocument, planText, sumDocument, sumText } from './backfill-text.js'
import { backfillView } from './backfill-view.js'
import { type App, command, type OptionsOf } from './command.js'
import { flag, instant, list, neededText, text, wholeNumber } from './flags.js'
import { maxRefused, tooManyRefused } from './max-refused.js'
import { untilStopped } from './until-stopped.js'
import { withServices } from './with-services.js'

const flags = {
  bucket: neededText('bucket', 'S3 bucket with the JSON lines.'),
  section: list('ids', 'Sections (course runs), comma-separated: objects below section/<id>/.'),
  prefix: text('prefix', 'Objects below this prefix; with --section only those of the sections.'),
  category: list('names', 'Only these folders of a section, e.g. attempt_evaluated,video.'),
  since: instant('time', 'Uploaded at or after: a date, or an instant with its zone.'),
  until: instant('time', 'Uploaded before.'),
  limitRate: wholeNumber('n', 'At most so many statements per second.', null),
  again: flag('Read objects again that are done already (repeats are dropped as duplicates).'),
  dryRun: flag('Print what would be read, and read nothing.'),
  wait: flag('Return only when the datasets contain the run, and say what became of its statements.'),
  timeout: wholeNumber('seconds', 'With --wait: give up so long after everything was read; exit code 1.', null),
  maxRefused: maxRefused('n', 'Exit code 1 when more lines are refused; what route refuses counts with --wait.'),
}

export const backfillCommand = command({
  name: 'backfill',
  about: 'Replays history: JSON lines in S3 into the topic xapi. What is done is skipped, a killed run goes on where it was.',
  arguments: {},
  flags,
  json: true,
  stopsItself: true,
  examples: [
    ['backfill --bucket torus-xapi --section 145,146 --wait', 'two sections, until the datasets have them'],
    ['backfill --bucket torus-xapi --section 145 --category video --since 2024-09-01', 'the videos of one section of one autumn on'],
    ['backfill --bucket history --prefix export/ --dry-run', 'what would be read'],
  ],
  async run(app, options) {
    const request = requestOf(options)
    if (options.timeout !== null && !options.wait) throw new TributaryError('WRONG_USAGE', '--timeout needs --wait')
    const { prepareLocalTopics } = await import('../runtime/topics-admin.js')
    return withServices(app, async services => {
      await prepareLocalTopics(services)
      return options.dryRun ? plan(app, services, request) : replay(app, services, request, options)
    })
  },
})

function requestOf(options: OptionsOf<typeof flags>): BackfillRequest {
  const { bucket, section, prefix, category, since, until, limitRate, again } = options
  if (section.length === 0 && prefix === null) throw new TributaryError('WRONG_USAGE', 'backfill needs --section, --prefix or both')
  if (since !== null && until !== null && since >= until) throw new TributaryError('WRONG_USAGE', '--since must be before --until')
  return { bucket, sections: section, prefix, categories: category, since, until, limitRate, again }
}

type Services = Parameters<Parameters<typeof withServices>[1]>[0]

async function plan(app: App, services: Services, request: BackfillRequest): Promise<number> {
  const [{ planBackfill }, { topology }] = await Promise.all([import('../runtime/backfill/backfill.js'), import('../topology.js')])
  const found = await untilStopped(planBackfill(services, topology.sources, request), app.signal)
  app.output.result(planDocument(found), () => planText(found))
  return found.empty.length > 0 ? 1 : 0
}

async function replay(app: App, services: Services, request: BackfillRequest, options: OptionsOf<typeof flags>): Promise<number> {
  const { wait } = options
  const [{ backfill }, { topology }] = await Promise.all([import('../runtime/backfill/backfill.js'), import('../topology.js')])
  const view = backfillView(app.output.progressStream, () => services.clock.monotonic())
  const timeoutMs = options.timeout === null ? null : options.timeout * 1000
  const sum = await backfill(services, topology.sources, request, { wait: wait ? { timeoutMs } : null }, view.events, app.signal).finally(
    () => view.end(),
  )
  if (!sum.sealed)
    app.output.note(
      'All statements are in the log, but no processor has passed the end of the run, so its sections do not count as loaded yet. ' +
        'Start `tributary run` and give the same command again: it reads nothing twice.',
    )
  const refused = tooManyRefused(sum, options.maxRefused)
  if (refused !== null) app.output.note(refused)
  app.output.result(sumDocument(sum), () => sumText(sum))
  return refused !== null || sum.empty.length > 0 || (wait && !sum.sealed) ? 1 : 0
}
