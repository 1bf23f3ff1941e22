import type { Aggregate } from './processors/aggregate.js'
import { engagement } from './processors/engagement.js'
import { route } from './processors/route/route.js'
import type { Source } from './producers/source.js'
import { torusObjects } from './producers/torus-objects.js'
import { eventTopicIds, type Naming, type TopicId, topicName, topics } from './schemas/topics.js'
import type { Format } from './sinks/format.js'
import { attemptEvaluated } from './sinks/formats/attempt-evaluated.js'
import { learners } from './sinks/formats/learners.js'
import { pageViewed } from './sinks/formats/page-viewed.js'
import { sessions } from './sinks/formats/sessions.js'
import { video } from './sinks/formats/video.js'

/** What a processor reads and writes, as far as the picture of the program needs it. */
interface ProcessorEntry {
  readonly name: string
  readonly from: readonly TopicId[]
  readonly to: readonly TopicId[]
}

/** The program as a list that one can read: a source, a processor, an aggregate or a dataset kind more is one line more here. */
export interface Topology {
  readonly sources: readonly Source[]
  readonly processors: readonly ProcessorEntry[]
  readonly aggregates: readonly Aggregate[]
  readonly formats: readonly Format[]
}

export const topology: Topology = {
  sources: [torusObjects],
  processors: [route],
  aggregates: [engagement],
  formats: [attemptEvaluated, pageViewed, video, learners, sessions],
}

/** What a dataset kind is made of. */
export const topicsOf = (format: Format): readonly TopicId[] => ('table' in format ? [format.table] : format.topics)

/** The picture that `tributary topology` prints and the README shows. */
export function describeTopology(naming: Naming): string {
  const name = (id: TopicId) => topicName(id, naming)
  const cleanup = (id: TopicId) => (topics[id].cleanup === 'compact' ? ' (compact)' : '')
  const allEvents = name('events.other').replace('events.other', 'events.*')
  const sources = (ids: readonly TopicId[]) => (eventTopicIds.every(id => ids.includes(id)) ? allEvents : ids.map(name).join(' + '))
  const lines = [
    ...topology.sources.map(source => `S3 ${source.name} --[backfill, follow]--> ${name('xapi')}, ${name('sources')}${cleanup('sources')}`),
    ...topology.processors.flatMap(processor =>
      processor.from.flatMap(from => processor.to.map(to => `${name(from)} --[${processor.name}]--> ${name(to)}${cleanup(to)}`)),
    ),
    ...topology.aggregates.map(({ name: aggregate, from, to }) => {
      const written = [...to, 'aggregate-changelog' as const].map(id => `${name(id)}${cleanup(id)}`)
      return `${sources(from)} --[aggregate: ${aggregate}]--> ${written.join(', ')}`
    }),
    ...topology.formats.flatMap(format =>
      topicsOf(format).map(
        topic => `${name(topic)} --[sink: ${format.kind}]--> S3 .${format.extension}, ${name('dataset-files')}${cleanup('dataset-files')}`,
      ),
    ),
    `${name('datasets')}${cleanup('datasets')} + ${name('dataset-files')} --[publish]--> S3 manifest.json`,
  ]
  const unread = eventTopicIds.filter(id => !topology.formats.some(format => topicsOf(format).includes(id)))
  return [...lines, ...unread.map(id => `${name(id)}: kept, no dataset kind reads it yet`)].join('\n')
}
