import { readFileSync } from 'node:fs'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import avro from 'avsc'
import { interpret } from '../../processors/route/interpret.js'
import { openCodec } from '../../runtime/registry/codec.js'
import { prepareTopics } from '../../runtime/topics-admin.js'
import { topicName } from '../../schemas/topics.js'
import { startInstance } from '../driver/instance.js'
import { homeOf, produce } from '../driver/produce.js'
import { makeWorld } from '../driver/real-world.js'
import { rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statement, statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'
import { eventSchemas, eventsOf, gone, incompatible, newer, plain } from '../schemas/versions.js'

interface AvroRecord {
  readonly fields: readonly { readonly name: string; readonly default?: unknown }[]
}

const video = (): AvroRecord => JSON.parse(readFileSync('schemas/avro/video.avsc', 'utf8'))
const subject = (world: World) => `${topicName('events.video', world.services.naming)}-value`
const played = (n: number) => statement(n, { learners: Number.MAX_SAFE_INTEGER }, 'video_played')

/** Writes an event as a writer with this schema does, beside route. */
async function writeAs(world: World, schema: AvroRecord, text: string, more: object): Promise<void> {
  const id = await world.services.registry.register(subject(world), JSON.stringify(schema))
  const read = interpret(Buffer.from(text), {})
  if (!read.ok) throw new Error(read.refusal.reason)
  const type = avro.Type.forSchema(JSON.parse(JSON.stringify(schema)), { wrapUnions: false })
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  const value = Buffer.concat([head, type.toBuffer({ ...read.event, ...more })])
  const writer = await world.services.log.writer()
  await writer.send([
    {
      topic: topicName('events.video', world.services.naming),
      partition: homeOf(world, text),
      records: [{ key: Buffer.from('k'), value }],
    },
  ])
  await writer.close()
}

test('a schema that nobody has registered is told at once, and is no registry that is away', async () => {
  const world = await makeWorld()
  const { registry } = world.services
  expect(await registry.find('of-nobody-value', '"string"')).toBeNull()
  expect(await registry.find(subject(world), newer(JSON.stringify(video())))).toBeNull()
  expect(await registry.schema(2_000_000_000)).toBeNull()
  await expect(openCodec(registry, { prefix: 'of-nobody-', generation: 1 })).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
})

test('events of an older and of a newer writer are read, an incompatible schema is refused', async () => {
  const world = await makeWorld()
  startRoles(world)
  await world.apply({ id: 'films', kind: 'video' })
  const now = video()
  const newer = { ...now, fields: [...now.fields, { name: 'caption', type: ['null', 'string'], default: null }] }
  const older = { ...now, fields: now.fields.filter(({ name }) => name !== 'enrollment') }
  await produce(world, [{ value: played(1), partition: homeOf(world, played(1)) }])
  await writeAs(world, newer, played(2), { caption: 'of a later release' })
  await writeAs(world, older, played(3), {})
  const wanted = await until(world, 'three rows', 30, async () => {
    const { rows } = await rowsOf(world, 'films').catch(() => ({ rows: [] }))
    return rows.length === 3 ? rows : null
  })
  expect(new Set(wanted.answer.map(row => row.split(',').length)).size).toBe(1)

  const incompatible = { ...now, fields: [...now.fields, { name: 'needed', type: 'string' }] }
  await expect(world.services.registry.register(subject(world), JSON.stringify(incompatible))).rejects.toMatchObject({
    code: 'SCHEMA_REFUSED',
  })
  // Ours is there already: a start changes nothing.
  expect(await prepareTopics(world.services)).toEqual({ created: [], slow: [] })
})

test.each(eventSchemas)('%s: releases read each other, and the registry refuses what would end that', async (topic, schema) => {
  const { registry, naming } = (await makeWorld({ partitions: 1 })).services
  const [subject, events] = [`${topicName(topic, naming)}-value`, eventsOf(topic)]
  for (const [what, change] of Object.entries(incompatible)) {
    const refused = registry.register(subject, change(schema)).then(
      () => 'taken',
      error => error.code,
    )
    expect([what, await refused]).toEqual([what, 'SCHEMA_REFUSED'])
  }
  const today = await openCodec(registry, naming, [{ id: topic, schema }])
  await registry.register(subject, newer(schema))
  const later = await openCodec(registry, naming, [{ id: topic, schema: newer(schema) }])
  const [written, writtenLater] = [today, later].map(codec =>
    events.map(event => codec.encodeEvent(topic, Object.assign({}, event, { addedBefore: 'x', added: 'y', weight: 2 }))),
  ) as [Buffer[], Buffer[]]
  await later.learn(topic, written)
  await today.learn(topic, writtenLater)
  for (const [i, event] of events.entries()) {
    const { [gone]: _, ...kept } = plain(event)
    expect(plain(later.decodeEvent(topic, written[i]!))).toEqual({ ...kept, addedBefore: 'none', added: null, weight: 1.5 })
    expect(plain(today.decodeEvent(topic, writtenLater[i]!))).toEqual({ ...plain(event), ...(gone in event ? { [gone]: null } : {}) })
  }
  // Still registered, so that an instance of today can be started beside the later one.
  expect(await registry.find(subject, schema)).not.toBeNull()
})

/** In front of the registry: while it is `down`, connections are cut. */
async function registryProxy() {
  const target = new URL(process.env.TRIBUTARY_TEST_REGISTRY!)
  const state = { down: false, refused: 0 }
  const server = createServer((asked, answer) => {
    if (state.down) {
      state.refused++
      asked.socket.destroy()
      return
    }
    const { host, ...headers } = asked.headers
    const passed = forward({ host: target.hostname, port: target.port, path: asked.url, method: asked.method, headers }, got => {
      answer.writeHead(got.statusCode!, got.headers)
      got.pipe(answer)
    })
    asked.pipe(passed)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { state, url: `http://127.0.0.1:${port}${target.pathname}`, close }
}

test('while the registry is away a start waits and says so; then it works', async () => {
  const proxy = await registryProxy()
  try {
    const world = await makeWorld({ env: { SCHEMA_REGISTRY_URL: proxy.url } })
    await world.apply({ id: 'films', kind: 'video' })
    proxy.state.down = true
    const instance = startInstance(world)
    await produce(
      world,
      statements(0, 8).map(value => ({ value, partition: homeOf(world, value) })),
    )
    await until(world, 'it to say that it waits', 30, () => (instance.log().includes('waiting for the schema registry') ? true : null))
    await until(world, 'it to ask again', 30, () => (proxy.state.refused > 3 ? true : null))
    proxy.state.down = false
    await world.complete('films')
    expect((await rowsOf(world, 'films')).rows).toHaveLength(4)
    expect(instance.log()).not.toContain('ended')
    await instance.stop()
  } finally {
    proxy.close()
  }
})
