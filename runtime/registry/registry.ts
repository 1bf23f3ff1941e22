/** The schema-registry port: ids for schemas, schemas for ids. */
export interface Registry {
  /** Registers under the subject with compatibility BACKWARD, or finds it there; the id goes into every record. */
  register(subject: string, schema: string): Promise<number>
  /** The id of this very schema under the subject; null = not registered. */
  find(subject: string, schema: string): Promise<number | null>
  /** The schema's text; null = the registry does not know the id. */
  schema(id: number): Promise<string | null>
}
