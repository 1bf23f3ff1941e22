import type { PlannedObject } from '../../producers/source.js'
import { byUpload } from '../../producers/upload-order.js'
import { type Sorted, SpillSort } from '../sources/spill-sort.js'

/** A planned object without what all have in common: there may be many millions. */
type Row = readonly [
  key: string,
  size: number,
  etag: string,
  lastModified: number,
  compression: PlannedObject['compression'],
  uploaded: number,
  section: string | null,
  category: string | null,
]

/** What is to be read, oldest upload first: events then arrive roughly in the order in which they happened. On the disk when it is much. */
export class PlanQueue {
  readonly #bucket: string
  readonly #sort: SpillSort<Row>

  constructor(folder: string, bucket: string) {
    this.#bucket = bucket
    this.#sort = new SpillSort(folder, (a, b) => byUpload({ uploaded: a[5], key: a[0] }, { uploaded: b[5], key: b[0] }))
  }

  add({ key, size, etag, lastModified, compression, uploaded, section, category }: PlannedObject): Promise<void> | void {
    return this.#sort.add([key, size, etag, lastModified, compression, uploaded, section, category])
  }

  async sorted(): Promise<Sorted<PlannedObject>> {
    const rows = await this.#sort.sorted()
    return {
      next: async () => {
        const row = await rows.next()
        if (row === undefined) return undefined
        const [key, size, etag, lastModified, compression, uploaded, section, category] = row
        return { bucket: this.#bucket, key, size, etag, lastModified, compression, uploaded, section, category }
      },
      close: () => rows.close(),
    }
  }

  close(): Promise<void> {
    return this.#sort.close()
  }
}
