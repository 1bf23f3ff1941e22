import type { PlannedObject, Selection, Source, SourceObject } from './source.js'
import { byUpload } from './upload-order.js'

const lines = /\.jsonl(\.gz)?$/
/** `section/<id>/<category>/<upload time>_<bundle>.jsonl`, below any prefix. */
const layout = /(?:^|\/)section\/([^/]+)\/([^/]+)\/[^/]+$/
const categoryFolder = /(?:^|\/)section\/[^/]+\/[^/]+\/$/
/** ISO 8601 with `-` for `:`; the zone is always UTC. */
const uploadTime = /(?:^|\/)(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)(?:\.(\d+))?Z_[^/]*$/

/** Statements as Torus uploads them. Also takes any other `.jsonl` or `.jsonl.gz` below a prefix, when no section or category is asked for. */
export const torusObjects: Source = {
  name: 'torus',
  prefixes({ prefix = '', sections, categories }) {
    const ids = sections?.length ? [...new Set(sections)] : []
    if (ids.length === 0) return [prefix]
    const base = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
    const folders = categories?.length ? [...new Set(categories)].map(category => `${category}/`) : ['']
    return ids.flatMap(id => folders.map(folder => `${base}section/${id}/${folder}`))
  },
  plan(objects, selection) {
    const planned: PlannedObject[] = []
    for (const object of objects) {
      const each = recognise(object)
      if (each !== undefined && isSelected(each, selection)) planned.push(each)
    }
    return planned.sort(byUpload)
  },
  after(folder, since) {
    // To the second: a fraction may follow it or not.
    return categoryFolder.test(folder) ? folder + new Date(since).toISOString().slice(0, 19).replaceAll(':', '-') : null
  },
}

function recognise(object: SourceObject): PlannedObject | undefined {
  const { bucket, key, size, etag, lastModified } = object
  if (!lines.test(key)) return undefined
  const uploaded = uploadedAt(key) ?? lastModified
  const section = layout.exec(key)?.[1] ?? null
  return { bucket, key, size, etag, lastModified, compression: key.endsWith('.gz') ? 'gzip' : 'none', uploaded, section }
}

function isSelected({ key, uploaded }: PlannedObject, { prefix = '', sections, categories, since, until }: Selection): boolean {
  if (!key.startsWith(prefix)) return false
  if ((since !== undefined && uploaded < since) || (until !== undefined && uploaded >= until)) return false
  if (!sections?.length && !categories?.length) return true
  const [, section, category] = layout.exec(key) ?? []
  if (section === undefined || category === undefined) return false
  return (!sections?.length || sections.includes(section)) && (!categories?.length || categories.includes(category))
}

function uploadedAt(key: string): number | undefined {
  const match = uploadTime.exec(key)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second, Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')))
}
