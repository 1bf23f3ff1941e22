import type { Registry } from '../../runtime/registry/registry.js'

/** A registry that gives every schema a number, and refuses none. */
export function memoryRegistry(): Registry {
  const schemas: string[] = []
  const idOf = (schema: string) => schemas.indexOf(schema) + 1
  return {
    async register(_, schema) {
      if (idOf(schema) === 0) schemas.push(schema)
      return idOf(schema)
    },
    find: async (_, schema) => idOf(schema) || null,
    schema: async id => schemas[id - 1] ?? null,
  }
}
