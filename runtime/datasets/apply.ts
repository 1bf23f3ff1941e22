import { canonicalSpec, type DatasetSpec, parseDatasetSpec } from '../../schemas/dataset-spec.js'
import { TributaryError } from '../../schemas/errors.js'
import { headers } from '../../schemas/headers.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName } from '../../schemas/topics.js'
import { type Format, fieldNames } from '../../sinks/format.js'
import { isKeyRefused, pseudonymKeyAtHand, type Services } from '../services.js'
import { swappedKey } from '../spec-table.js'
import { readSpecs } from './specs.js'

export interface Applied {
  readonly id: string
  /** null with `dryRun` for a spec that would be new. */
  readonly revision: number | null
  /** Which of the dataset's revisions it is, from 1: what people see. */
  readonly ordinal: number
  readonly changed: boolean
  readonly spec: DatasetSpec
}

/**
 * Checks a spec and writes it. An unchanged one makes no new revision, unless this release has newer rules for its kind, by which all rows
 * are made again then, or `newRevision` asks for one: after the pseudonym key was changed.
 */
export async function applyDataset(
  services: Services,
  formats: readonly Format[],
  document: unknown,
  options: { readonly dryRun: boolean; readonly newRevision?: boolean; readonly leastChunkSize?: number },
): Promise<Applied> {
  const { leastChunkSize = 1 } = options
  const parsed = parseDatasetSpec(document, { fields: fieldNames(formats), leastChunkSize })
  if (!parsed.ok) throw new TributaryError('SPEC_INVALID', parsed.problems.join('; '))
  const { spec } = parsed
  const secret = pseudonymKeyAtHand(services.config)
  if (spec.anonymize === true && secret !== null && isKeyRefused(secret, services.config))
    throw new TributaryError('PSEUDONYM_KEY_PUBLIC', `applying ${spec.id}, which is to have pseudonyms`)
  const text = canonicalSpec(spec)
  const current = (await readSpecs(services)).specs.get(spec.id)
  const { rules } = formats.find(({ kind }) => kind === spec.kind)!
  const unchanged = current !== undefined && canonicalSpec(current.spec) === text && rules <= current.rules
  if (unchanged && options.newRevision !== true)
    return { id: spec.id, revision: current.revision, ordinal: current.ordinal, changed: false, spec }
  const ordinal = (current?.ordinal ?? 0) + 1
  if (options.dryRun) return { id: spec.id, revision: null, ordinal, changed: true, spec }
  const key = Buffer.from(spec.id)
  const writer = await services.log.writer()
  try {
    const partition = partitionOf(key, services.config.partitions)
    const record = {
      key,
      value: Buffer.from(text),
      headers: [[headers.rules, String(rules)] as const, [headers.revision, String(ordinal)] as const],
    }
    // Where a dataset of this name was deleted, nobody shall take up again what manifests showed of it.
    const forgotten = current === undefined ? [{ key: Buffer.from(swappedKey(spec.id)), value: null }] : []
    const [appended] = await writer.send([{ topic: topicName('datasets', services.naming), partition, records: [...forgotten, record] }])
    return { id: spec.id, revision: appended!.last, ordinal, changed: true, spec }
  } finally {
    await writer.close()
  }
}
