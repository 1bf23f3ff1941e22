import { type Manifest, parseManifest } from '../schemas/manifest.js'
import type { VerifyTarget } from './verify.js'

/** A publisher writes the number first, then the copy: what differs for longer stays so. */
const looks = 20

export interface ShownManifest {
  /** What the files are checked against: `manifest.json`, or where that cannot be read the newest number. Null = nothing is published. */
  readonly manifest: Manifest | null
  readonly problems: readonly string[]
}

/** `manifest.json` must be there, be a manifest, and be the same as the newest numbered one. */
export async function shownManifest(target: VerifyTarget, dataset: string): Promise<ShownManifest> {
  for (let look = 1; ; look++) {
    const body = await target.object(`${dataset}/manifest.json`)
    const shown = body === null ? null : parsed(body)
    const version = typeof shown === 'object' && shown !== null ? shown.version : 0
    const newest = await newestNumber(target, dataset, version)
    if (newest !== null && look < looks) {
      await target.pause()
      continue
    }
    if (shown === null && newest === null) return { manifest: null, problems: [] }
    if (typeof shown === 'object' && shown !== null) {
      const older = newest === null ? [] : [`manifest.json is version ${version}, the newest numbered manifest is ${newest}`]
      return { manifest: shown, problems: [...older, ...(await ofItsNumber(target, dataset, shown))] }
    }
    const problem = shown === null ? 'manifest.json is not there' : `manifest.json cannot be read: ${shown}`
    const other = newest === null ? null : await numbered(target, dataset, newest)
    if (typeof other !== 'string') return { manifest: other, problems: [problem] }
    return { manifest: null, problems: [problem, `numbered manifest ${newest} cannot be read: ${other}`] }
  }
}

async function ofItsNumber(target: VerifyTarget, dataset: string, shown: Manifest): Promise<readonly string[]> {
  const same = await numbered(target, dataset, shown.version)
  const whose = shown.dataset === dataset ? [] : [`manifest.json is of dataset ${shown.dataset}`]
  if (same === null) return [...whose, `manifest.json is version ${shown.version}, which has no numbered manifest`]
  if (typeof same === 'string') return [...whose, `numbered manifest ${shown.version} cannot be read: ${same}`]
  return JSON.stringify(same) === JSON.stringify(shown)
    ? whose
    : [...whose, `manifest.json differs from numbered manifest ${shown.version}`]
}

const numberedKey = (dataset: string, version: number) => `${dataset}/manifests/${String(version).padStart(10, '0')}.json`

/** The text is what is wrong with it. */
function parsed(body: Buffer): Manifest | string {
  const result = parseManifest(body.toString())
  return result.ok ? result.manifest : result.problem
}

async function numbered(target: VerifyTarget, dataset: string, version: number): Promise<Manifest | string | null> {
  const body = await target.object(numberedKey(dataset, version))
  return body === null ? null : parsed(body)
}

/** The newest number behind this one; those that were cleared have no bytes. */
async function newestNumber(target: VerifyTarget, dataset: string, after: number): Promise<number | null> {
  let newest: number | null = null
  for await (const { key, size } of target.objects(`${dataset}/manifests/`, numberedKey(dataset, after)))
    if (size > 0) newest = Number(/(\d+)\.json$/.exec(key)?.[1] ?? Number.NaN)
  return newest
}
