import avro from 'avsc'
import { TributaryError } from '../../schemas/errors.js'
import type { Event } from '../../schemas/event.js'
import type { Marker } from '../../schemas/marker.js'
import type { RouteLedger } from '../../schemas/route-ledger.js'
import { knownPosition, type StatePosition } from '../../schemas/state-records.js'
import type { EventTopicId, Naming, StateTopicId } from '../../schemas/topics.js'
import type { Registry } from './registry.js'
import { avroSchemas, type SchemaId, subjectOf } from './schema-files.js'

interface Entry {
  readonly type: avro.Type
  readonly id: number
  /** Writer schema id → how to read it as ours; undefined value = it is our own schema. */
  readonly resolvers: Map<number, avro.Resolver | undefined>
}

/**
 * Avro in the registry's wire format: byte 0, the schema id (4 bytes), the Avro body.
 * A record written with an older or newer schema is read through a resolver; new ids are looked up once, before decoding.
 */
export interface Codec {
  encodeEvent(topic: EventTopicId, event: Event): Buffer
  encodeLedger(ledger: RouteLedger): Buffer
  /** What an aggregate's output is, its schema says. */
  encodeState(topic: StateTopicId, state: unknown): Buffer
  encodeMarker(marker: Marker): Buffer
  encodePosition(position: StatePosition): Buffer
  /** Learns the schemas of these values; decode throws for one that was not learnt. Costs nothing when all are known. */
  learn(id: SchemaId, values: readonly (Buffer | null)[]): Promise<void>
  decodeEvent(topic: EventTopicId, value: Buffer): Event
  decodeLedger(value: Buffer): RouteLedger
  decodeState(topic: StateTopicId, value: Buffer): unknown
  decodeMarker(value: Buffer): Marker
  decodePosition(value: Buffer): StatePosition
}

const header = 5

export function schemaIdOf(value: Buffer): number {
  return value.length > header && value[0] === 0 ? value.readUInt32BE(1) : -1
}

/** Registers every schema, in one step, before any worker starts (two registering at once race, see measured facts). */
export async function registerSchemas(registry: Registry, naming: Naming): Promise<void> {
  for (const { id, schema } of avroSchemas()) await registry.register(subjectOf(id, naming), schema)
}

/** A worker's codec. The schemas, its own unless others are given, must be registered already. */
export async function openCodec(registry: Registry, naming: Naming, schemas = avroSchemas()): Promise<Codec> {
  const entries = new Map<SchemaId, Entry>()
  for (const { id, schema } of schemas) {
    const subject = subjectOf(id, naming)
    const schemaId = await registry.find(subject, schema)
    if (schemaId === null) throw new TributaryError('SCHEMA_UNKNOWN', `${subject} is not registered: run \`tributary topics create\``)
    const type = avro.Type.forSchema(JSON.parse(schema), { wrapUnions: false })
    entries.set(id, { type, id: schemaId, resolvers: new Map([[schemaId, undefined]]) })
  }
  return codecOf(entries, registry)
}

function codecOf(entries: ReadonlyMap<SchemaId, Entry>, registry: Registry): Codec {
  // One buffer for all: avsc writes into it and says where it stopped; a negative end means "too short by that much".
  let scratch = Buffer.allocUnsafe(64 * 1024)
  const encode = (topic: SchemaId, value: unknown): Buffer => {
    const { type, id } = entries.get(topic)!
    let end = type.encode(value, scratch, header)
    if (end < 0) {
      scratch = Buffer.allocUnsafe((scratch.length - end) * 2)
      end = type.encode(value, scratch, header)
    }
    scratch[0] = 0
    scratch.writeUInt32BE(id, 1)
    return Buffer.from(scratch.subarray(0, end))
  }
  const decode = (topic: SchemaId, value: Buffer): unknown => {
    const { type, resolvers } = entries.get(topic)!
    const id = schemaIdOf(value)
    if (!resolvers.has(id)) throw new TributaryError('SCHEMA_UNKNOWN', `decoding a record of ${topic}: schema id ${id}`)
    const resolver = resolvers.get(id)
    return (resolver ? type.decode(value, header, resolver) : type.decode(value, header)).value
  }
  return {
    encodeEvent: encode,
    encodeLedger: ledger => encode('route-ledger', ledger),
    encodeState: encode,
    encodeMarker: marker => encode('marker', marker),
    encodePosition: position => encode('state-position', position),
    async learn(topic, values) {
      const { type, resolvers } = entries.get(topic)!
      for (const value of values) {
        if (value === null) continue
        const id = schemaIdOf(value)
        if (resolvers.has(id)) continue
        if (id < 0) throw new TributaryError('SCHEMA_DIFFERS', `reading ${topic}: a value that names no schema`)
        const text = await registry.schema(id)
        if (text === null) throw new TributaryError('SCHEMA_UNKNOWN', `reading ${topic}: schema id ${id}`)
        resolvers.set(id, resolverOf(topic, type, id, text))
      }
    },
    decodeEvent: (topic, value) => decode(topic, value) as Event,
    decodeLedger: value => decode('route-ledger', value) as RouteLedger,
    decodeState: decode,
    decodeMarker: value => decode('marker', value) as Marker,
    decodePosition: value => knownPosition(decode('state-position', value) as Parameters<typeof knownPosition>[0]),
  }
}

function resolverOf(topic: SchemaId, type: avro.Type, id: number, text: string): avro.Resolver {
  const written = avro.Type.forSchema(JSON.parse(text), { wrapUnions: false })
  try {
    return type.createResolver(written)
  } catch (cause) {
    throw new TributaryError('SCHEMA_DIFFERS', `reading ${topic}: schema id ${id}: ${(cause as Error).message}`, { cause })
  }
}
