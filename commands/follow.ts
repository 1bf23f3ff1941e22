import type { Config } from '../config.js'
import type { FollowRequest } from '../runtime/follow/request.js'
import { TributaryError } from '../schemas/errors.js'
import { type App, command, type OptionsOf } from './command.js'
import { instant, list, text, wholeNumber } from './flags.js'
import { followProgressText, followSumText } from './follow-text.js'
import { progressView } from './terminal/progress-bar.js'
import { withServices } from './with-services.js'

const flags = {
  bucket: text('bucket', 'S3 bucket with the JSON lines. What is not given is as FOLLOW_BUCKET and its like say.'),
  section: list('ids', 'Sections (course runs), comma-separated: objects below section/<id>/.'),
  prefix: list('prefixes', 'Objects below these prefixes; with --section only those of the sections.'),
  category: list('names', 'Only these folders of a section, e.g. attempt_evaluated,video.'),
  since: instant('time', 'Uploads before are history. Not given: those before the first start.'),
  queue: text('url', "SQS queue with the bucket's event messages; without one the folders are listed again and again."),
  every: wholeNumber('seconds', 'How often a folder is looked into (5 when not given).', null),
  overlap: wholeNumber('seconds', 'So much later than its name says an object may appear (900 when not given).', null),
  listsPerSecond: wholeNumber('n', 'What looking may cost: listing requests a second (10 when not given).', null),
}

export const followCommand = command({
  name: 'follow',
  about: 'New objects in S3 into the topic xapi, seconds after their upload, until Ctrl-C. `run` does the same when FOLLOW_BUCKET is set.',
  arguments: {},
  flags,
  json: true,
  stopsItself: true,
  examples: [
    ['follow --bucket torus-xapi --section 145,146', 'two sections, by listing'],
    ['follow --bucket torus-xapi --prefix section/ --queue https://sqs.us-east-1.amazonaws.com/123456789012/uploads', 'all, by messages'],
  ],
  async run(app, options) {
    const request = requestOf(options, app.config())
    return withServices(app, services => run(app, services, request))
  },
})

function requestOf(options: OptionsOf<typeof flags>, config: Config): FollowRequest {
  const { section, prefix, category } = options
  const bucket = options.bucket ?? config.followBucket
  const chosen = section.length > 0 || prefix.length > 0
  const sections = chosen ? section : config.followSections
  const prefixes = chosen ? prefix : config.followPrefixes
  if (bucket === '') throw new TributaryError('WRONG_USAGE', 'follow needs --bucket')
  if (sections.length === 0 && prefixes.length === 0) throw new TributaryError('WRONG_USAGE', 'follow needs --section, --prefix or both')
  return {
    bucket,
    sections,
    prefixes,
    categories: category.length > 0 ? category : config.followCategories,
    since: options.since ?? config.followSince,
    queue: options.queue ?? (config.followQueueUrl || null),
    everyMs: (options.every ?? config.followEverySeconds) * 1000,
    overlapMs: (options.overlap ?? config.followOverlapSeconds) * 1000,
    listsPerSecond: options.listsPerSecond ?? config.followListsPerSecond,
  }
}

async function run(app: App, services: Parameters<Parameters<typeof withServices>[1]>[0], request: FollowRequest): Promise<number> {
  const [{ followAsMember }, { openQueue }, { noFault }, { topology }] = await Promise.all([
    import('../runtime/follow/follow-member.js'),
    import('../runtime/follow/follow-role.js'),
    import('../runtime/fault.js'),
    import('../topology.js'),
  ])
  const queue = await openQueue(services, request)
  const view = progressView(app.output.progressStream, () => services.clock.monotonic())
  const events = {
    progress: (progress: Parameters<typeof followProgressText>[0]) => view.show({ part: null, text: followProgressText(progress) }),
    note: (text: string) => view.note(text),
    standsBy: () => view.note('another instance follows the same: standing by until it ends'),
  }
  try {
    const sum = await followAsMember(services, topology.sources, request, { queue, patient: false, fault: noFault, events }, app.signal)
    view.end()
    app.output.result(sum, () => followSumText(sum))
    return 0
  } finally {
    view.end()
    queue?.close()
  }
}
