import { datasetSpecSchema } from '../../schemas/dataset-spec.js'
import { TributaryError } from '../../schemas/errors.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import { readRecord } from '../read-record.js'
import { type AppliedSpec, appliedSpec } from '../spec-table.js'
import type { Explaining } from './explaining.js'

/** The spec that a revision was made by, as the table knows it, else the record of `datasets` whose offset is its number. */
export async function specOfRevision({ services, tables, reader }: Explaining, dataset: string, revision: number): Promise<AppliedSpec> {
  const known = tables.specs.revision(dataset, revision)
  if (known !== null) return known
  const current = tables.specs.specs.get(dataset)
  const partition = partitionOf(Buffer.from(dataset), services.config.partitions)
  const record = await readRecord(reader, topicName('datasets', services.naming), partition, revision)
  const parsed =
    record?.key?.toString() === dataset && record.value !== null ? datasetSpecSchema.safeParse(JSON.parse(record.value.toString())) : null
  if (parsed?.success) return appliedSpec(parsed.data, record!, partition)
  const why =
    current === undefined ? 'there is no such dataset' : `a newer one, ${current.revision}, has taken its place and the topic was compacted`
  throw new TributaryError('INCOMPLETE', `explaining a row of revision ${revision} of ${dataset}: its spec is not in \`datasets\`, ${why}`)
}
