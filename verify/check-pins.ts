import { createHash } from 'node:crypto'
import { parseManifest } from '../schemas/manifest.js'
import { withLists } from './whole-manifest.js'

/** What is looked at, by readers of the checker's own. */
interface PinTarget {
  objects(prefix: string, after: string): AsyncIterable<{ readonly key: string }>
  object(key: string): Promise<Buffer | null>
  /** A moment for a process that is between two writes. */
  pause?(): Promise<void>
}

/** SHA-256 of files that were read before, by key. */
export type ReadFiles = ReadonlyMap<string, string>

/** A pin is made within seconds, unless it waits for a `gc`. */
const looksAgain = 20

const sha256 = (body: Buffer | string) => createHash('sha256').update(body).digest('hex')

interface PinRecord {
  readonly state?: unknown
  readonly contentSha256?: unknown
  readonly manifest?: { readonly key?: unknown; readonly sha256?: unknown }
}

/** Every pinned version is there: its manifest as it was, each file with its SHA-256, and the hash of all as it was given. */
export async function checkPins(target: PinTarget, dataset: string, read: ReadFiles): Promise<string[]> {
  const problems: string[] = []
  for await (const { key } of target.objects(`${dataset}/pins/`, '')) {
    if (!key.endsWith('.json')) continue
    let pin = await target.object(key)
    let found = await checkPin(target, dataset, key, pin, read)
    // Somebody may just pin it, or have withdrawn it since it was read, and then gc its files.
    for (let looks = 0; found.length > 0 && looks < looksAgain; looks++) {
      await target.pause?.()
      const now = await target.object(key)
      if (String(now) === String(pin) && recordOf(now)?.state !== 'pinning') break
      pin = now
      found = await checkPin(target, dataset, key, pin, read)
    }
    problems.push(...found)
  }
  return problems
}

async function checkPin(target: PinTarget, dataset: string, key: string, body: Buffer | null, read: ReadFiles): Promise<string[]> {
  const pin = recordOf(body)
  const version = /\/pins\/(\d{10})\.json$/.exec(key)?.[1]
  if (pin === null || version === undefined) return [`${key} cannot be read: it is not known what is pinned`]
  if (pin.state === 'pinning') return [`${key} was begun and never finished: \`dataset pin\` goes on, \`dataset unpin\` ends it`]
  if (pin.state !== 'pinned') return []
  const problems = await checkPinned(target, dataset, version, pin, read)
  return problems.map(problem => `pinned version ${Number(version)}: ${problem}`)
}

async function checkPinned(target: PinTarget, dataset: string, version: string, pin: PinRecord, read: ReadFiles): Promise<string[]> {
  const key = `${dataset}/manifests/${version}.json`
  const body = await target.object(key)
  if (body === null || body.length === 0) return [`its manifest ${key} is ${body === null ? 'not there' : 'empty'}`]
  const problems: string[] = []
  if (pin.manifest?.key !== key || pin.manifest.sha256 !== sha256(body)) problems.push(`its manifest ${key} is not the one that was pinned`)
  const parsed = parseManifest(body.toString())
  if (!parsed.ok) return [...problems, `its manifest ${key} cannot be read: ${parsed.problem}`]
  const { manifest, problems: ofLists } = await withLists(parsed.manifest, target.object)
  problems.push(...ofLists)
  const lines: string[] = []
  for (const file of manifest.files) {
    const found = read.get(file.key) ?? (await hashOf(target, file.key))
    if (found !== file.sha256)
      problems.push(`${file.key} ${found === null ? 'is not there' : `has SHA-256 ${found}, was pinned with ${file.sha256}`}`)
    lines.push(`${file.sha256}  ${file.key}\n`)
  }
  const list = lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('')
  if (sha256(list) !== pin.contentSha256)
    problems.push(`its files have the content hash ${sha256(list)}, it was pinned with ${String(pin.contentSha256)}`)
  const there = await target.object(`${dataset}/pins/${version}.sha256`)
  if (there?.toString() !== list) problems.push(`its list ${dataset}/pins/${version}.sha256 ${there === null ? 'is not there' : 'differs'}`)
  return problems
}

async function hashOf(target: PinTarget, key: string): Promise<string | null> {
  const body = await target.object(key)
  return body === null ? null : sha256(body)
}

function recordOf(body: Buffer | null): PinRecord | null {
  try {
    const value: unknown = JSON.parse(body?.toString() ?? '')
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
