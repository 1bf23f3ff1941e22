import avro from 'avsc'
import { TributaryError } from '../../schemas/errors.js'

/** Records as the schema that wrote them says: with the registry's text of it, and none of the product's files. */
export class AvroValues {
  readonly #types = new Map<number, avro.Type>()
  readonly #schema: (id: number) => Promise<string | null>

  constructor(schema: (id: number) => Promise<string | null>) {
    this.#schema = schema
  }

  async read(value: Buffer): Promise<unknown> {
    const id = value[0] === 0 && value.length > 5 ? value.readUInt32BE(1) : -1
    const type = this.#types.get(id) ?? (await this.#learn(id))
    return type.decode(value, 5).value
  }

  async #learn(id: number): Promise<avro.Type> {
    const text = id < 0 ? null : await this.#schema(id)
    if (text === null) throw new TributaryError('SCHEMA_UNKNOWN', `checking a record of schema id ${id}`)
    const type = avro.Type.forSchema(JSON.parse(text), { wrapUnions: false })
    this.#types.set(id, type)
    return type
  }
}
