import type { DatasetKind, DatasetSpec } from '../../schemas/dataset-spec.js'
import { TributaryError } from '../../schemas/errors.js'
import type { Format, Identity, Renderer } from '../../sinks/format.js'
import { identityOf, pseudonymIdentity } from '../../sinks/identity.js'
import type { LogReader } from '../log.js'
import { openTables, type Tables } from '../publish/tables.js'
import { type Codec, openCodec } from '../registry/codec.js'
import { pseudonymKeyAtHand, type Services } from '../services.js'
import { requireTopics } from '../topics-admin.js'

/** What all explanations share: the tables as they were at the call, one connection, and the formats bound to specs. */
export interface Explaining {
  readonly services: Services
  readonly tables: Tables
  readonly codec: Codec
  readonly reader: LogReader
  readonly formats: ReadonlyMap<DatasetKind, Format>
  /** `knowsPeople` is false when the dataset has pseudonyms and their key is not at hand: then nobody is named. */
  render(spec: DatasetSpec): { readonly renderer: Renderer; readonly format: Format; readonly knowsPeople: boolean }
}

export async function explaining<T>(
  services: Services,
  formats: readonly Format[],
  work: (explaining: Explaining) => Promise<T>,
): Promise<T> {
  await requireTopics(services)
  const codec = await openCodec(services.registry, services.naming)
  const tables = openTables(services, codec)
  const reader = services.log.reader()
  const byKind = new Map(formats.map(format => [format.kind, format]))
  const key = pseudonymKeyAtHand(services.config)
  const nobody: Identity = () => ''
  const pseudonyms = key === null ? nobody : pseudonymIdentity(Buffer.from(key))
  try {
    await tables.tail.catchUp()
    return await work({
      services,
      tables,
      codec,
      reader,
      formats: byKind,
      render(spec) {
        const format = byKind.get(spec.kind)
        if (format === undefined)
          throw new TributaryError('SPEC_INVALID', `dataset ${spec.id} is of a kind that this release does not have`)
        return {
          renderer: format.render(spec, identityOf(spec.anonymize, pseudonyms)),
          format,
          knowsPeople: key !== null || spec.anonymize !== true,
        }
      },
    })
  } finally {
    await reader.close()
    await tables.tail.close()
  }
}
