import { type ErrorCode, TributaryError } from '../../schemas/errors.js'
import { parseManifest } from '../../schemas/manifest.js'
import { type Naming, topicName } from '../../schemas/topics.js'
import { manifestKey } from '../../sinks/naming.js'
import type { Clock } from '../clock.js'
import type { LogWriter } from '../log.js'
import type { Logger } from '../logger.js'
import type { ObjectStore } from '../object-store.js'
import { type AppliedSpec, pseudonymsKey, type SpecTable } from '../spec-table.js'
import { revisionKey } from './sink-records.js'

/** Which revisions this process may write: all pseudonyms of a revision are made with one key, whichever process makes them. */
export interface RevisionKeys {
  /** Those of these that may be written here. Resolves when for each of them the key is decided, for all processes. */
  admit(revisions: readonly AppliedSpec[]): Promise<readonly AppliedSpec[]>
}

export interface RevisionKeysDeps {
  /** Of this process's key. */
  readonly fingerprint: string
  /** Everybody knows the key: no pseudonyms may be made with it. */
  readonly refuseAll: boolean
  readonly specs: SpecTable
  /** Resolves when `specs` has everything that was stable in `datasets` at the call. */
  specsCurrent(): Promise<void>
  readonly writer: Pick<LogWriter, 'send'>
  readonly naming: Naming
  readonly store: Pick<ObjectStore, 'get'>
  readonly bucket: string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The first who takes a revision up writes down the fingerprint of its key, behind the spec in `datasets`, before any row is made; the
 * first record of a revision counts, for all who read it. Others that come with another key leave that revision alone.
 */
export function revisionKeys(deps: RevisionKeysDeps): RevisionKeys {
  const { specs, fingerprint, logger } = deps
  const refused = new Set<string>()
  let chain: Promise<unknown> = Promise.resolve()
  const keyOf = ({ spec, revision }: AppliedSpec) => specs.pseudonymKeys.get(revisionKey(spec.id, revision))

  /** Tasks of a process come at the same time: the second finds what the first has written. */
  function decide(revisions: readonly AppliedSpec[]): Promise<void> {
    const next = chain.then(() => writeDown(revisions.filter(each => keyOf(each) === undefined)))
    chain = next.catch(() => undefined)
    return next
  }

  async function writeDown(open: readonly AppliedSpec[]): Promise<void> {
    if (open.length === 0) return
    const topic = topicName('datasets', deps.naming)
    const batches = open.map(async ({ spec, revision, partition }) => {
      const key = (await shownKey(deps, spec.id, revision)) ?? fingerprint
      const record = { key: Buffer.from(pseudonymsKey(spec.id, revision, deps.clock.uuid())), value: Buffer.from(JSON.stringify({ key })) }
      return { topic, partition, records: [record] }
    })
    await deps.writer.send(await Promise.all(batches))
    await deps.specsCurrent()
    const lost = open.find(each => keyOf(each) === undefined)
    if (lost) throw new TributaryError('KAFKA_REQUEST', `reading back whose pseudonyms ${lost.spec.id} has, revision ${lost.revision}`)
  }

  function isOurs(applied: AppliedSpec): boolean {
    const key = keyOf(applied)
    if (key === fingerprint) return true
    refuse(applied, 'PSEUDONYM_KEY_DIFFERS', `: its pseudonyms are of the key ${key}, and this instance has the key ${fingerprint}`)
    return false
  }

  /** Said once by a process. */
  function refuse({ spec, revision }: AppliedSpec, code: ErrorCode, why: string): void {
    const name = revisionKey(spec.id, revision)
    if (refused.has(name)) return
    refused.add(name)
    const { message } = new TributaryError(code, `writing ${spec.id}, revision ${revision}${why}`)
    logger.error({ code, dataset: spec.id, revision }, message)
  }

  return {
    async admit(revisions) {
      const pseudonymous = revisions.filter(({ spec }) => spec.anonymize === true)
      if (deps.refuseAll) for (const applied of pseudonymous) refuse(applied, 'PSEUDONYM_KEY_PUBLIC', '')
      else await decide(pseudonymous)
      return revisions.filter(applied => applied.spec.anonymize !== true || (!deps.refuseAll && isOurs(applied)))
    },
  }
}

/** Of a revision that an earlier release has begun: its manifest says whose pseudonyms the files have. */
async function shownKey({ store, bucket }: RevisionKeysDeps, dataset: string, revision: number): Promise<string | null> {
  const parsed = parseManifest((await store.get(bucket, manifestKey(dataset)))?.toString() ?? '')
  if (!parsed.ok || parsed.manifest.revision !== revision || parsed.manifest.files.length === 0) return null
  return parsed.manifest.producedBy.pseudonymKey
}
