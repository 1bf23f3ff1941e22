import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Cache } from './cache.js'
import type { Java } from './java.js'
import { fetchByMaven } from './maven.js'
import type { PartDownload } from './part.js'
import type { StackOptions } from './services.js'

/** The cached folder of a part is good afterwards; it is fetched when it is absent, half or broken. */
export async function ensureDownload(
  download: PartDownload,
  o: { cache: Cache; java: Java; options: StackOptions; how?: 'quick' | 'deep' },
): Promise<void> {
  const { root, env, events } = o.options
  const fill = async (staging: string): Promise<void> => {
    await fetchByMaven(download, staging, { root, env, javaHome: o.java.home, events })
    if (download.unpack) await unpack(staging)
  }
  await o.cache.ensure(download.folder, fill, o.how)
}

/** The archive goes away: its content is what the manifest of the folder lists. */
async function unpack(folder: string): Promise<void> {
  const [archive] = await readdir(folder)
  await promisify(execFile)('tar', ['-xzf', archive!], { cwd: folder })
  await rm(join(folder, archive!))
}
