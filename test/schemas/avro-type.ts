import { readFileSync } from 'node:fs'
import avro from 'avsc'

const types = new Map<string, avro.Type>()

/** The schema of `schemas/avro/` as it is now. */
export function avroTypeOf(name: string): avro.Type {
  const known = types.get(name)
  if (known !== undefined) return known
  const type = avro.Type.forSchema(JSON.parse(readFileSync(`schemas/avro/${name}.avsc`, 'utf8')), { wrapUnions: false })
  types.set(name, type)
  return type
}
