import type { PlannedObject, Selection, Source, SourceObject } from './source.js'

const lines = /\.jsonl(\.gz)?$/
/** `section/<id>/<category>/<upload time>_<bundle>.jsonl`, below any prefix. */
const layout = /(?:^|\/)section\/([^/]+)\/([^/]+)\/[^/]+$/
const categoryFolder = /(?:^|\/)section\/[^/]+\/[^/]+\/$/
/** ISO 8601 with `-` for `:`; the zone is always UTC. */
const uploadTime = /(?:^|\/)(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)(?:\.(\d+))?Z_[^/]*$/

const noPath = 'its path is not section/<id>/<category>/<name>'

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
  take(object, selection) {
    if (!lines.test(object.key)) return { why: 'the name ends in neither .jsonl nor .jsonl.gz', known: false }
    const planned = recognise(object)
    const why = notSelected(planned, selection)
    // Sections and categories select by path: without one it can be of any, and whoever asks for them may count on it.
    return why === null ? planned : { why, known: why !== noPath }
  },
  after(folder, since) {
    // To the second: a fraction may follow it or not.
    return categoryFolder.test(folder) ? folder + new Date(since).toISOString().slice(0, 19).replaceAll(':', '-') : null
  },
}

function recognise({ bucket, key, size, etag, lastModified }: SourceObject): PlannedObject {
  const [, section = null, category = null] = layout.exec(key) ?? []
  const compression = key.endsWith('.gz') ? 'gzip' : 'none'
  return { bucket, key, size, etag, lastModified, compression, uploaded: uploadedAt(key) ?? lastModified, section, category }
}

/** Why a selection leaves it out; null = it does not. */
function notSelected(object: PlannedObject, { prefix = '', sections, categories, since, until }: Selection): string | null {
  const { key, uploaded, section, category } = object
  if (!key.startsWith(prefix)) return 'it is outside of the prefix'
  if ((since !== undefined && uploaded < since) || (until !== undefined && uploaded >= until)) return 'it was uploaded at another time'
  if (!sections?.length && !categories?.length) return null
  if (section === null || category === null) return noPath
  if (sections?.length && !sections.includes(section)) return 'it is of another section'
  return categories?.length && !categories.includes(category) ? 'it is of another category' : null
}

function uploadedAt(key: string): number | undefined {
  const match = uploadTime.exec(key)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second, Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')))
}
