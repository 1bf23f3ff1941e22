import { revisionKey } from '../../runtime/sink/sink-records.js'
import { eventTopicIds, topicName } from '../../schemas/topics.js'
import { verify } from '../../verify/verify.js'
import { type Cluster, config, naming } from './cluster.js'
import { require } from './require.js'
import { rowsOf } from './sim-store.js'
import { tableOf } from './watch-tables.js'

/**
 * What counts as equal, in canonical order: rows, events and dead letters without where and when they came, and the books and ledgers
 * without what repeats add to them.
 */
export interface Outcome {
  /** Per dataset, with its head. */
  readonly rows: Readonly<Record<string, readonly string[]>>
  readonly events: readonly string[]
  readonly states: readonly string[]
  readonly letters: readonly string[]
  /** By partition and section: events by kind. */
  readonly books: readonly string[]
  /** Of every source object: its counts. */
  readonly objects: readonly string[]
}

export async function outcomeOf({ watch, objects, broker }: Cluster): Promise<Outcome> {
  const xapi = broker.topic(topicName('xapi', naming))
  const { specs, route, states, sinks, manifests, sources } = watch
  const rows: Record<string, string[]> = {}
  for (const [dataset, { columns, files }] of [...manifests.newest].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (specs.specs.has(dataset))
      rows[dataset] = [columns.join(), ...files.flatMap(file => rowsOf(objects.get(file.key)!.toString()).slice(1)).sort()]
  for (const [dataset, { revision, spec }] of specs.specs) {
    const table = tableOf[spec.kind]
    if (table === undefined) continue
    for (let p = 0; p < config.partitions; p++) {
      const files = manifests.newest.get(dataset)!.files.filter(({ partition }) => partition === p)
      const last = { next: { [table]: watch.end(table, p) }, xapi: null }
      sinks.requireRows(revisionKey(dataset, revision), p, files, last, 'in the end')
    }
  }
  const events = eventTopicIds.flatMap(topic =>
    Array.from({ length: config.partitions }, (_, partition) => route.events(topic, partition))
      .flat()
      .map(({ partition, id, value }) => `${topic}/${partition} ${id} ${value.toString('base64')}`),
  )
  const books = [...route.ledgers].map(([key, { events, derived }]) => `${key} ${JSON.stringify([Object.entries(events).sort(), derived])}`)
  // When something was uploaded is another time in every run.
  const timeless = (name: string) => name.replace(/\/[^/]+(?=_\d+\.jsonl$)/, '/')
  const read = [...sources.objects].map(
    ([name, { lines, blank, published, refused }]) => `${timeless(name)} ${JSON.stringify([lines, blank, published, refused])}`,
  )
  for (const [request, sealed] of sources.sealed) require(sealed, () => `no run of ${request} is sealed in the end`)
  const target = {
    ledgers: async () => [...route.ledgers.values()].filter(({ position }) => position !== null),
    partitions: config.partitions,
    async *events(partition: number) {
      for (const topic of eventTopicIds)
        yield route.events(topic, partition).map(({ id }, n) => ({ place: `${topic}/${partition}, event ${n}`, id }))
    },
    datasets: async () => Object.keys(rows),
    folders: async () => [],
    async *objects(prefix: string, after: string) {
      yield* objects.list(prefix, after)
    },
    object: async (key: string) => objects.get(key),
    pause: async () => undefined,
    times: {
      xapiId: xapi.id,
      firstAt: async (partition: number, offset: number) => route.firstAt(partition, offset),
      filesAt: async () => sinks.filesAt,
    },
    async sources(onRecord: (key: string, value: string) => void) {
      for (const [key, value] of sources.records) onRecord(key, value)
    },
  }
  const { problems } = await verify(target, () => undefined)
  require(problems.length === 0, () => problems.join('; '))
  return {
    rows,
    events: events.sort(),
    states: states.all(),
    letters: [...route.letters.values()].sort(),
    books: books.sort(),
    objects: read.sort(),
  }
}
