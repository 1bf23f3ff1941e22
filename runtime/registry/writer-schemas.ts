import avro from 'avsc'
import { instantText } from '../../schemas/dataset-spec.js'
import { schemaIdOf } from './codec.js'
import type { Registry } from './registry.js'

/** By field, of those whose number means something else than it seems to: what one of it is. */
export type Units = Readonly<Record<string, string>>

export type WrittenValue = { readonly schema: number; readonly value: unknown; readonly units: Units } | { readonly problem: string }

/**
 * Reads Avro values as their writers wrote them, whatever schema this release has: a field that it does not know yet, or any more, is
 * shown too. For people and scripts: times are ISO text, bytes are hex digits. Never throws for what a value holds.
 */
export interface WriterSchemas {
  read(value: Buffer): Promise<WrittenValue>
}

const body = 5

export function writerSchemas(registry: Registry): WriterSchemas {
  const written = new Map<number, WriterSchema | null>()

  async function schemaOf(id: number): Promise<WriterSchema | null> {
    const known = written.get(id)
    if (known !== undefined) return known
    const text = await registry.schema(id)
    const schema = text === null ? null : parsed(text)
    written.set(id, schema)
    return schema
  }

  return {
    async read(value) {
      const id = schemaIdOf(value)
      if (id < 0) return { problem: 'no Avro in the format of the registry: it does not begin with 0 and a schema id' }
      const schema = await schemaOf(id)
      if (schema === null) return { problem: `the registry does not have its schema, ${id}` }
      try {
        const { value: decoded, offset } = schema.type.decode(value, body)
        if (offset === value.length) return { schema: id, value: readable(decoded), units: schema.units }
      } catch {
        // Said below: what exactly broke in a damaged value helps nobody.
      }
      return { problem: `the bytes do not fit its schema, ${id}` }
    },
  }
}

interface WriterSchema {
  readonly type: avro.Type
  readonly units: Units
}

function parsed(text: string): WriterSchema {
  const schema = JSON.parse(text) as avro.Schema & { readonly fields?: readonly { readonly name: string; readonly unit?: unknown }[] }
  const type = avro.Type.forSchema(schema, { wrapUnions: false, logicalTypes: { 'timestamp-micros': Instant } })
  return { type, units: unitsOf(schema) }
}

/** `unit` of its fields, a property of ours that Avro passes over. */
export function unitsOf({ fields = [] }: { readonly fields?: readonly { readonly name: string; readonly unit?: unknown }[] }): Units {
  return Object.fromEntries(fields.flatMap(({ name, unit }) => (typeof unit === 'string' ? [[name, unit]] : [])))
}

class Instant extends avro.types.LogicalType {
  protected override _fromValue(micros: number): string {
    return instantText(micros)
  }
  protected override _toValue(): undefined {
    return undefined
  }
}

function readable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]))
}
