import { createHash } from 'node:crypto'
import { type Manifest, parseManifestList } from '../schemas/manifest.js'

/** The manifest with the files that lie in list objects, and what is wrong with these. */
export async function withLists(
  manifest: Manifest,
  object: (key: string) => Promise<Buffer | null>,
): Promise<{ readonly manifest: Manifest; readonly problems: readonly string[] }> {
  const problems: string[] = []
  const files = [...manifest.files]
  const chunks = [...manifest.chunks]
  for (const list of manifest.lists) {
    const body = await object(list.key)
    if (body === null) {
      problems.push(`${list.key} lists files of the dataset and is not there`)
      continue
    }
    if (body.length !== list.bytes) problems.push(`${list.key} has ${body.length} bytes, named with ${list.bytes}`)
    const sha256 = createHash('sha256').update(body).digest('hex')
    if (sha256 !== list.sha256) problems.push(`${list.key} has SHA-256 ${sha256}, named with ${list.sha256}`)
    const read = parseManifestList(body.toString())
    if (read === null) {
      problems.push(`${list.key} is no list of files`)
      continue
    }
    const rows = read.files.reduce((sum, file) => sum + file.rows, 0)
    const bytes = read.files.reduce((sum, file) => sum + file.bytes, 0)
    if (read.files.length !== list.files || rows !== list.rows || bytes !== list.fileBytes)
      problems.push(
        `${list.key} has ${read.files.length} files, ${rows} rows, ${bytes} bytes: named with ${list.files}, ${list.rows}, ${list.fileBytes}`,
      )
    files.push(...read.files)
    chunks.push(...read.chunks)
  }
  return { manifest: { ...manifest, files, chunks }, problems }
}
