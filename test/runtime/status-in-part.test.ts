import type { MemoryLog } from '../../runtime/memory/memory-log.js'
import { openStatus, readStatus } from '../../runtime/read-status.js'
import type { Services } from '../../runtime/services.js'
import { topicName } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { publish } from '../driver/publish.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'

const never = () => new Promise<never>(() => undefined)
const refused = () => Promise.reject(new Error('not for you'))

/** A world in which everything is routed and in a dataset. */
async function workedWorld() {
  const world = await makeMemoryWorld()
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await publish(world, statements(0, 60))
  await world.complete('views')
  const { answer: whole } = await until(world, 'nothing to be behind', 20, async () => {
    const status = await readStatus(world.services, topology)
    return status.totals.aggregateLag === 0 ? status : null
  })
  expect(whole.unknown).toEqual([])
  return { world, whole }
}

test('without the registry: positions, datasets and who runs; not what the ledgers say', async () => {
  const { world, whole } = await workedWorld()
  let back: () => void = () => undefined
  const isBack = new Promise<void>(resolve => {
    back = resolve
  })
  const { find } = world.services.registry
  const registry: Services['registry'] = { ...world.services.registry, find: (...asked) => isBack.then(() => find(...asked)) }
  const reader = await openStatus({ ...world.services, registry }, topology)
  world.atEnd(() => reader.close())
  const status = await reader.read()
  expect(status.unknown).toEqual([{ server: 'registry', why: 'no answer within 3 s' }])
  expect(status.datasets).toMatchObject([{ id: 'views', state: 'current', rows: whole.datasets[0]!.rows }])
  expect(status.totals).toEqual({ xapi: 60, routeLag: 0, sinkLag: 0, decided: whole.totals.decided })
  expect(status.partitions.map(({ route, sink }) => [route, sink])).toEqual(whole.partitions.map(({ route, sink }) => [route, sink]))
  expect(status.roles.map(role => [role.members, 'committedSeconds' in role])).toEqual([
    [1, false],
    [1, true],
    [1, true],
    [1, true],
  ])
  // The same reader knows all when it is back.
  back()
  const { answer: again } = await until(world, 'all to be known', 20, async () => {
    const now = await reader.read()
    return now.unknown.length === 0 ? now : null
  })
  expect(again.totals).toEqual(whole.totals)
})

test.each([
  ['no answer within 3 s', never],
  ['not for you', refused],
])('without S3 (%s): everything but what manifests say', async (why, get) => {
  const { world, whole } = await workedWorld()
  const status = await readStatus({ ...world.services, store: { ...world.services.store, get } }, topology)
  expect(status.unknown).toEqual([{ server: 's3', why }])
  const { id, kind, revision } = whole.datasets[0]!
  expect(status.datasets).toEqual([{ id, kind, revision }])
  expect([status.totals, status.partitions]).toEqual([whole.totals, whole.partitions])
  expect(status.roles.filter(role => !('committedSeconds' in role)).map(({ role }) => role)).toEqual(['publish'])
})

test('with partitions that have no leader: everything but what lies in them', async () => {
  const { world, whole } = await workedWorld()
  const { away } = (world.services.log as MemoryLog).broker
  const [xapi, files] = (['xapi', 'dataset-files'] as const).map(id => topicName(id, world.services.naming))
  away.add(`${xapi}/1`)
  away.add(`${files}/0`)
  const status = await readStatus(world.services, topology)
  expect(status.unknown).toEqual([{ server: 'kafka', why: `no broker leads ${files}/0, ${xapi}/1` }])
  const [zero, one] = status.partitions
  expect([zero!.end, zero!.route, zero!.sink]).toEqual([whole.partitions[0]!.end, whole.partitions[0]!.route, undefined])
  expect([one!.end, one!.route, one!.sink, one!.aggregate]).toEqual([undefined, undefined, undefined, whole.partitions[1]!.aggregate])
  expect(status.totals).toMatchObject({ events: 60, aggregateLag: 0 })
  expect(status.totals.xapi).toBeUndefined()
  away.clear()
})
