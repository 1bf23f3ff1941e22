import { createHash } from 'node:crypto'
import type { PlannedObject, SourceObject } from '../../producers/source.js'
import { decodeSourcesRecord, objectKeyOf } from '../../schemas/sources.js'
import { topicName } from '../../schemas/topics.js'
import { readPartition } from '../read-partition.js'
import type { Services } from '../services.js'
import { isInLedger, readSourceLedger } from '../sources/source-ledger.js'
import type { Scope } from './scope.js'

/** So many versions of objects are kept in mind (about 80 bytes each); beyond, the oldest uploads are forgotten. */
const most = 500_000

/** What of the scope is in the ledger: what was there at the start, and what was read since. */
export class KnownObjects {
  readonly #services: Services
  readonly #topicId: string
  /** Version → its upload time. */
  readonly #uploads = new Map<string, number>()
  readonly #most: number
  /** Who is not in mind and was uploaded after this is not in the ledger; of others it has to be asked. */
  #horizon: number

  private constructor(services: Services, topicId: string, horizon: number, limit: number) {
    this.#services = services
    this.#topicId = topicId
    this.#horizon = horizon
    this.#most = limit
  }

  /** Reads the ledger. Of uploads before `from` nothing is kept in mind. */
  static async read(services: Services, scope: Scope, topicId: string, from: number, limit = most): Promise<KnownObjects> {
    const known = new KnownObjects(services, topicId, from, limit)
    const topic = topicName('sources', services.naming)
    for (let partition = 0; partition < services.config.partitions; partition++)
      await readPartition(services.log, topic, partition, record => {
        const name = record.key!.toString()
        const slash = name.indexOf('/')
        const place = { bucket: name.slice(0, slash), key: name.slice(slash + 1) }
        const object = known.#selected(scope, place)
        if (object === undefined || object.uploaded < from || record.value === null) return
        const decoded = decodeSourcesRecord(name, record.value)
        if (decoded.is !== 'object' || decoded.object.topicId !== topicId) return
        // A name that does not tell: it was uploaded before it was read.
        const uploaded = Number.isFinite(object.uploaded) ? object.uploaded : Date.parse(decoded.object.at)
        known.add({ ...place, etag: decoded.object.etag, uploaded })
      })
    return known
  }

  /** The ledger's objects have a name only; one that does not tell the upload time counts as new. */
  #selected(scope: Scope, { bucket, key }: Pick<SourceObject, 'bucket' | 'key'>): PlannedObject | undefined {
    if (bucket !== scope.bucket) return undefined
    return scope.plan([{ bucket, key, size: 0, etag: '', lastModified: Number.POSITIVE_INFINITY }])[0]
  }

  add(object: Pick<PlannedObject, 'bucket' | 'key' | 'etag' | 'uploaded'>): void {
    this.#uploads.set(versionOf(object), object.uploaded)
    if (this.#uploads.size > this.#most) this.#forget()
  }

  has(object: Pick<PlannedObject, 'bucket' | 'key' | 'etag'>): boolean {
    return this.#uploads.has(versionOf(object))
  }

  /** Those that are not in the ledger. Only for uploads beyond what is kept in mind it is read once more. */
  async without(objects: readonly PlannedObject[]): Promise<readonly PlannedObject[]> {
    const left = objects.filter(object => !this.has(object))
    const old = left.filter(({ uploaded }) => uploaded <= this.#horizon)
    if (old.length === 0) return left
    const ledger = await readSourceLedger(this.#services, old)
    const done = new Set(old.filter(object => isInLedger(ledger.objects.get(objectKeyOf(object)), object, this.#topicId)))
    // Kept in mind now: a listing shows the same ones again and again.
    for (const object of done) this.add(object)
    return left.filter(object => !done.has(object))
  }

  /** A quarter at once: to sort is dear. */
  #forget(): void {
    const times = [...this.#uploads.values()].sort((a, b) => a - b)
    this.#horizon = Math.max(this.#horizon, times[times.length >> 2]!)
    for (const [version, uploaded] of this.#uploads) if (uploaded <= this.#horizon) this.#uploads.delete(version)
  }
}

/** Short: there are many. Twelve characters are 72 bits. */
function versionOf(object: Pick<PlannedObject, 'bucket' | 'key' | 'etag'>): string {
  return createHash('sha256')
    .update(`${objectKeyOf(object)}\n${object.etag}`)
    .digest('base64')
    .slice(0, 12)
}
