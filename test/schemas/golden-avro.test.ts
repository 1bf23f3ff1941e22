import { readdirSync, readFileSync } from 'node:fs'
import { readConfig } from '../../config.js'
import { openCodec } from '../../runtime/registry/codec.js'
import type { Event } from '../../schemas/event.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { memoryRegistry } from '../driver/memory-registry.js'
import { eventSchemas, plain } from './versions.js'

/** What a release wrote: its schema, and events with their bytes, as hexadecimal digits behind the schema's number. */
interface Written {
  readonly topic: EventTopicId
  readonly schema: object
  readonly records: readonly { readonly event: Readonly<Record<string, unknown>>; readonly bytes: string }[]
}

const folder = new URL('../golden/avro/', import.meta.url)
const files = readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
const written = (file: string): Written => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))

/** Words for people may change; they change nothing in the bytes. */
const meaning = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema, (name, value) => (name === 'doc' ? undefined : value)))

// Frozen: logs are kept for ever. A release that changes a schema leaves these files as they are and adds one of its own (`video.2.json`);
// only with another generation, whose topics and subjects are new, do they begin again.
test.each(files)('what was written as %s is read', async file => {
  const { topic, schema, records } = written(file)
  const registry = memoryRegistry()
  const id = await registry.register(`${topic}.g2-value`, JSON.stringify(schema))
  const current = eventSchemas.find(([name]) => name === topic)![1]
  await registry.register(`${topic}.g2-value`, current)
  const codec = await openCodec(registry, { prefix: '', generation: 2 }, [{ id: topic, schema: current }])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  for (const { event, bytes } of records) {
    const value = Buffer.concat([head, Buffer.from(bytes, 'hex')])
    await codec.learn(topic, [value])
    expect(plain(codec.decodeEvent(topic, value))).toMatchObject(plain(event))
  }
})

test.each(eventSchemas)('%s has its file, and is written as it says', async (topic, schema) => {
  const newest = files.map(written).findLast(file => file.topic === topic)!
  expect(meaning(newest.schema)).toEqual(meaning(JSON.parse(schema)))
  const registry = memoryRegistry()
  await registry.register(`${topic}.g2-value`, schema)
  const codec = await openCodec(registry, { prefix: '', generation: 2 }, [{ id: topic, schema }])
  for (const { event, bytes } of newest.records) expect(codec.encodeEvent(topic, event as unknown as Event).toString('hex', 5)).toBe(bytes)
})

test.each(eventSchemas)('%s of generation 1, whose ids were bytes, is refused', async (topic, schema) => {
  const registry = memoryRegistry()
  const { fields, ...record } = JSON.parse(schema) as { fields: { name: string }[] }
  const bytes = { name: 'id', type: { type: 'fixed', name: 'Id', size: 16 } }
  const id = await registry.register(
    `${topic}.g1-value`,
    JSON.stringify({ ...record, fields: [bytes, ...fields.filter(({ name }) => name !== 'id')] }),
  )
  await registry.register(`${topic}.g2-value`, schema)
  const codec = await openCodec(registry, { prefix: '', generation: 2 }, [{ id: topic, schema }])
  const value = Buffer.alloc(100)
  value.writeUInt32BE(id, 1)
  await expect(codec.learn(topic, [value])).rejects.toMatchObject({ code: 'SCHEMA_DIFFERS', message: expect.stringContaining(topic) })
  expect(() => readConfig({ GENERATION: '1' })).toThrow(/GENERATION.*from 2/)
})
