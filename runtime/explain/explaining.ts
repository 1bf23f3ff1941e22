import type { DatasetKind } from '../../schemas/dataset-kinds.js'
import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import { TributaryError } from '../../schemas/errors.js'
import type { Event } from '../../schemas/event.js'
import {
  type EventFormat,
  type Format,
  type Identity,
  isSnapshot,
  type Renderer,
  type SnapshotFormat,
  type State,
} from '../../sinks/format.js'
import { identityOf, pseudonymIdentity } from '../../sinks/identity.js'
import { type TableKey, tableKeyOf } from '../../sinks/table-key.js'
import type { LogReader } from '../log.js'
import { openTables, type Tables } from '../publish/tables.js'
import { type Codec, openCodec } from '../registry/codec.js'
import { pseudonymKeyAtHand, type Services } from '../services.js'
import { requireTopics } from '../topics-admin.js'

/** A format bound to a spec. */
export type Rendering = { readonly knowsPeople: boolean } & (
  | { readonly is: 'events'; readonly format: EventFormat; readonly renderer: Renderer<Event> }
  | { readonly is: 'states'; readonly format: SnapshotFormat; readonly renderer: Renderer<State> }
)

/** What all explanations share: the tables as they were at the call, one connection, and the formats bound to specs. */
export interface Explaining {
  readonly services: Services
  readonly tables: Tables
  readonly codec: Codec
  readonly reader: LogReader
  readonly formats: ReadonlyMap<DatasetKind, Format>
  /** In which bucket of a snapshot a learner is; null = the pseudonym key, which decides it, is not at hand. */
  readonly tableKey: TableKey | null
  /** `knowsPeople` is false when the dataset has pseudonyms and their key is not at hand: then nobody is named. */
  render(spec: DatasetSpec): Rendering
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
      tableKey: key === null ? null : tableKeyOf(Buffer.from(key)),
      render(spec) {
        const format = byKind.get(spec.kind)
        if (format === undefined)
          throw new TributaryError('SPEC_INVALID', `dataset ${spec.id} is of a kind that this release does not have`)
        const identity = identityOf(spec.anonymize, pseudonyms)
        const knowsPeople = key !== null || spec.anonymize !== true
        return isSnapshot(format)
          ? { is: 'states', format, renderer: format.render(spec, identity), knowsPeople }
          : { is: 'events', format, renderer: format.render(spec, identity), knowsPeople }
      },
    })
  } finally {
    await reader.close()
    await tables.tail.close()
  }
}
