import avro from 'avsc'
import type { Registry } from '../../../runtime/registry/registry.js'
import { writerSchemas } from '../../../runtime/registry/writer-schemas.js'

const now = {
  type: 'record',
  name: 'E',
  fields: [
    { name: 'id', type: { type: 'fixed', name: 'EventId', size: 4 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'parent', type: ['null', 'EventId'], default: null },
  ],
}
const newer = { ...now, fields: [...now.fields, { name: 'more', type: ['null', 'string'], default: null }] }
const schemas = new Map([
  [1, now],
  [2, newer],
])
let asked = 0
const registry: Registry = {
  register: () => Promise.reject(new Error('not asked for')),
  find: () => Promise.reject(new Error('not asked for')),
  async schema(id) {
    asked++
    return schemas.has(id) ? JSON.stringify(schemas.get(id)) : null
  },
}

function written(id: number, value: object, schema = schemas.get(id)!): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, avro.Type.forSchema(JSON.parse(JSON.stringify(schema)), { wrapUnions: false }).toBuffer(value)])
}

const event = { id: Buffer.from('00ff00aa', 'hex'), at: 1_736_150_400_250_000, parent: null }

test('each record is read by the schema that it names, and each schema is asked for once', async () => {
  const reader = writerSchemas(registry)
  const shown = { id: '00ff00aa', at: '2025-01-06T08:00:00.250000Z', parent: null }
  asked = 0
  for (let i = 0; i < 3; i++) {
    expect(await reader.read(written(1, event))).toEqual({ schema: 1, value: shown, units: {} })
    expect(await reader.read(written(2, { ...event, parent: event.id, more: 'later' }))).toEqual({
      schema: 2,
      units: {},
      value: { ...shown, parent: '00ff00aa', more: 'later' },
    })
  }
  expect(asked).toBe(2)
})

test('what cannot be read is said, never thrown', async () => {
  const reader = writerSchemas(registry)
  const whole = written(1, event)
  expect(await reader.read(Buffer.from('{"a":1}'))).toEqual({ problem: expect.stringContaining('no Avro') })
  expect(await reader.read(written(9, event, now))).toEqual({ problem: expect.stringContaining('does not have its schema, 9') })
  for (const damaged of [whole.subarray(0, whole.length - 2), Buffer.concat([whole, Buffer.from('x')])])
    expect(await reader.read(damaged)).toEqual({ problem: expect.stringContaining('do not fit its schema, 1') })
})
