import type { FetchPosition, Log } from '../../../runtime/log.js'
import { TributaryError } from '../../../schemas/errors.js'
import { topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { publish } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statements } from '../../driver/statements.js'

/** Every seventh request is refused, as by a broker that is away for a moment. `onFetch`: what is read. */
function unsteady(log: Log, onFetch: (positions: readonly FetchPosition[]) => void): Log {
  let requests = 0
  const refuse = () => {
    if (++requests % 7 === 0) throw new TributaryError('KAFKA_UNREACHABLE', 'injected')
  }
  const reader = () => {
    const own = log.reader()
    return {
      close: () => own.close(),
      async fetch(...[positions, limits]: Parameters<typeof own.fetch>) {
        onFetch(positions)
        refuse()
        return own.fetch(positions, limits)
      },
    }
  }
  const asking =
    <K extends 'watermarks' | 'knownWatermarks'>(name: K): Log[K] =>
    async (topic, partitions) => {
      refuse()
      return log[name](topic, partitions)
    }
  const own: Partial<Log> = { reader, watermarks: asking('watermarks'), knownWatermarks: asking('knownWatermarks') }
  return new Proxy(log, { get: (target, name) => Reflect.get(own, name) ?? Reflect.get(target, name).bind?.(target) })
}

test('publish reads its tables on after trouble with Kafka, from where it was', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '2' })
  startRoles(world, { roles: ['route', 'sink'] })
  const ledger = topicName('route-ledger', world.services.naming)
  const offsets: number[] = []
  startRoles(world, {
    roles: ['publish'],
    between: services => ({
      ...services,
      log: unsteady(services.log, positions => {
        for (const { topic, partition, offset } of positions) if (topic === ledger && partition === 0) offsets.push(offset)
      }),
    }),
  })
  await world.apply({ id: 'views', kind: 'page_viewed' })
  for (let n = 0; n < 5; n++) {
    await publish(world, statements(n * 20, n * 20 + 20))
    await world.complete('views', 300)
  }
  expect(world.said.filter(text => text.includes('role publish ended'))).toEqual([])
  expect(offsets.at(-1)).toBeGreaterThan(0)
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
  expect((await world.verify()).problems).toEqual([])
})
