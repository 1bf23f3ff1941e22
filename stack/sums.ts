import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What a file must be: a line of a `.sums` file, or of the manifest of a cached folder. */
export interface FileSum {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Lines of `sha256 bytes path`. */
export function parseSums(text: string): FileSum[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const match = /^([0-9a-f]{64}) (\d+) (.+)$/.exec(line)
      if (match === null) throw new SyntaxError(`not a line of sums: ${line}`)
      return { sha256: match[1]!, bytes: Number(match[2]), path: match[3]! }
    })
}

export function formatSums(sums: readonly FileSum[]): string {
  return sums.map(sum => `${sum.sha256} ${sum.bytes} ${sum.path}\n`).join('')
}

export async function sumFile(folder: string, path: string): Promise<FileSum> {
  const hash = createHash('sha256')
  const file = join(folder, path)
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash)
  return { path, bytes: (await stat(file)).size, sha256: hash.digest('hex') }
}

/** Cheap: every file is there and as long as it must be. Returns the first one that is not. */
export async function wrongSize(folder: string, sums: readonly FileSum[]): Promise<string | null> {
  const sizes = await Promise.all(
    sums.map(sum =>
      stat(join(folder, sum.path)).then(
        found => found.size,
        () => -1,
      ),
    ),
  )
  const at = sums.findIndex((sum, i) => sum.bytes !== sizes[i])
  return at < 0 ? null : sums[at]!.path
}

/** Dear: reads every byte. Returns the first file whose content is not what it must be. */
export async function wrongContent(folder: string, sums: readonly FileSum[]): Promise<string | null> {
  const size = await wrongSize(folder, sums)
  if (size !== null) return size
  for (const sum of sums) if ((await sumFile(folder, sum.path)).sha256 !== sum.sha256) return sum.path
  return null
}
