import type { FetchPosition, Log, LogReader } from '../../runtime/log.js'
import type { TopicId } from '../../schemas/topics.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, kindsOfDataset, statements } from '../driver/statements.js'
import { expectedStates, statesOf } from '../driver/states.js'

const kinds = Object.keys(kindsOfDataset) as (keyof typeof kindsOfDataset)[]

/**
 * A broker that slept, and does not know yet that another one leads: of each partition of one topic it tells and gives out only the first half,
 * until it is asked for the end once more.
 */
function forgetful(log: Log, of: TopicId): Log {
  const ends = new Map<string, number>()
  const placeOf = (topic: string, partition: number) => `${topic}/${partition}`
  const watermarks: Log['watermarks'] = async (topic, partitions) => {
    const marks = await log.watermarks(topic, partitions)
    // A task asks for its own partition; who looks at all of them (a role that begins) restores nothing.
    if (!topic.includes(of) || partitions.length > 1) return marks
    return new Map(
      [...marks].map(([partition, mark]) => {
        const place = placeOf(topic, partition)
        const stable = ends.has(place) ? mark.stable : mark.low + ((mark.stable - mark.low) >> 1)
        ends.set(place, ends.has(place) ? Number.POSITIVE_INFINITY : stable)
        return [partition, { ...mark, stable }]
      }),
    )
  }
  const reader = (): LogReader => {
    const whole = log.reader()
    const bounded = (position: FetchPosition) => {
      const end = ends.get(placeOf(position.topic, position.partition)) ?? Number.POSITIVE_INFINITY
      return end === Number.POSITIVE_INFINITY ? position : { ...position, end }
    }
    return { fetch: (positions, limits) => whole.fetch(positions.map(bounded), limits), close: () => whole.close() }
  }
  return new Proxy(log, {
    get: (target, name: keyof Log) => ({ watermarks, reader })[name as 'reader'] ?? (target[name] as () => unknown).bind(target),
  })
}

test.each(['route-seen', 'route-ledger', 'events.video', 'aggregate-changelog', 'dataset-files'] as const)(
  'a restore from less of %s than there is never leads to a commit, and is done again',
  async topic => {
    const world = await makeMemoryWorld()
    for (const kind of kinds) await world.apply({ id: kind, kind })
    const tell = async (from: number, to: number) => {
      await world.put(uploads(1, `from-${from}`, statements(from, to), 50))
      await world.backfill()
      for (const kind of kinds) await world.complete(kind)
    }
    const stop = startRoles(world)
    await tell(0, 400)
    await tell(400, 800)
    await stop()

    startRoles(world, {
      roles: ['route', 'aggregate', 'sink'],
      between: services => ({ ...services, log: forgetful(services.log, topic) }),
    })
    startRoles(world, { roles: ['publish'] })
    await tell(800, 1000)
    expect(await world.verify()).toMatchObject({ ok: true, problems: [], ledger: { events: 1000, duplicates: 0 } })
    for (const kind of kinds) expect((await rowsOf(world, kind)).rows).toHaveLength(countOf(0, 1000, kindsOfDataset[kind]))
    expect(await statesOf(world)).toEqual(await expectedStates(world))
    expect(world.said).toContainEqual(expect.stringMatching(`RESTORE_SHORT.*${topic}`))
  },
  60_000,
)
