import { openCodec } from '../../runtime/registry/codec.js'
import type { EventTopicId } from '../../schemas/topics.js'
import { memoryRegistry } from '../driver/memory-registry.js'
import { eventSchemas, eventsOf, gone, newer, older, plain } from './versions.js'

const naming = { prefix: '', generation: 1 }

/** A release with its own schema of this topic. */
const release = async (registry: ReturnType<typeof memoryRegistry>, topic: EventTopicId, schema: string) => {
  await registry.register(`${topic}.g1-value`, schema)
  return openCodec(registry, naming, [{ id: topic, schema }])
}

describe.each(eventSchemas)('%s', (topic, schema) => {
  test('a later release reads what is written today, and fills in what it adds', async () => {
    const registry = memoryRegistry()
    const [today, later] = [await release(registry, topic, schema), await release(registry, topic, newer(schema))]
    const values = eventsOf(topic).map(event => today.encodeEvent(topic, event))
    await later.learn(topic, values)
    for (const [i, event] of eventsOf(topic).entries()) {
      const { [gone]: _, ...kept } = plain(event)
      expect(plain(later.decodeEvent(topic, values[i]!))).toEqual({ ...kept, addedBefore: 'none', added: null, weight: 1.5 })
    }
  })

  test('today reads what a later release writes, and leaves out what it does not know', async () => {
    const registry = memoryRegistry()
    const [today, later] = [await release(registry, topic, schema), await release(registry, topic, newer(schema))]
    const more = { addedBefore: 'x', added: 'y', weight: 2 }
    const values = eventsOf(topic).map(event => later.encodeEvent(topic, Object.assign({}, event, more)))
    await today.learn(topic, values)
    for (const [i, event] of eventsOf(topic).entries())
      expect(plain(today.decodeEvent(topic, values[i]!))).toEqual({ ...plain(event), ...(gone in event ? { [gone]: null } : {}) })
  })

  test('today reads what an earlier release wrote', async () => {
    const registry = memoryRegistry()
    const [earlier, today] = [await release(registry, topic, older(schema)), await release(registry, topic, schema)]
    const values = eventsOf(topic).map(event => earlier.encodeEvent(topic, event))
    await today.learn(topic, values)
    for (const [i, event] of eventsOf(topic).entries())
      expect(plain(today.decodeEvent(topic, values[i]!))).toEqual({ ...plain(event), ...(gone in event ? { [gone]: null } : {}) })
  })

  test('a schema that was not looked up is never guessed', async () => {
    const registry = memoryRegistry()
    const [today, later] = [await release(registry, topic, schema), await release(registry, topic, newer(schema))]
    const value = today.encodeEvent(topic, eventsOf(topic)[0]!)
    expect(() => later.decodeEvent(topic, value)).toThrow(expect.objectContaining({ code: 'SCHEMA_UNKNOWN' }))
    const nobodys = Buffer.from(value)
    nobodys.writeUInt32BE(99, 1)
    await expect(later.learn(topic, [nobodys])).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    await expect(later.learn(topic, [Buffer.from('{"no":"avro"}')])).rejects.toMatchObject({ code: 'SCHEMA_DIFFERS' })
  })
})
