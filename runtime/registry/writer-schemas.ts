import avro from 'avsc'
import { instantText } from '../../schemas/dataset-spec.js'
import { schemaIdOf } from './codec.js'
import type { Registry } from './registry.js'

export type WrittenValue = { readonly schema: number; readonly value: unknown } | { readonly problem: string }

/**
 * Reads Avro values as their writers wrote them, whatever schema this release has: a field that it does not know yet, or any more, is
 * shown too. For people and scripts: times are ISO text, bytes are hex digits. Never throws for what a value holds.
 */
export interface WriterSchemas {
  read(value: Buffer): Promise<WrittenValue>
}

const body = 5

export function writerSchemas(registry: Registry): WriterSchemas {
  const types = new Map<number, avro.Type | null>()

  async function typeOf(id: number): Promise<avro.Type | null> {
    const known = types.get(id)
    if (known !== undefined) return known
    const text = await registry.schema(id)
    const type =
      text === null ? null : avro.Type.forSchema(JSON.parse(text), { wrapUnions: false, logicalTypes: { 'timestamp-micros': Instant } })
    types.set(id, type)
    return type
  }

  return {
    async read(value) {
      const id = schemaIdOf(value)
      if (id < 0) return { problem: 'no Avro in the format of the registry: it does not begin with 0 and a schema id' }
      const type = await typeOf(id)
      if (type === null) return { problem: `the registry does not have its schema, ${id}` }
      try {
        const { value: decoded, offset } = type.decode(value, body)
        if (offset === value.length) return { schema: id, value: readable(decoded) }
      } catch {
        // Said below: what exactly broke in a damaged value helps nobody.
      }
      return { problem: `the bytes do not fit its schema, ${id}` }
    },
  }
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
