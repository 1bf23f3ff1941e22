import { createHash } from 'node:crypto'
import { parseManifest } from '../schemas/manifest.js'
import { withLists } from './whole-manifest.js'

/** What is looked at, by readers of the checker's own. */
interface PinTarget {
  objects(prefix: string, after: string): AsyncIterable<{ readonly key: string }>
  object(key: string): Promise<Buffer | null>
}

/** SHA-256 of files that were read before, by key. */
export type ReadFiles = ReadonlyMap<string, string>

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
    const pin = recordOf(await target.object(key))
    const version = /\/pins\/(\d{10})\.json$/.exec(key)?.[1]
    if (pin === null || version === undefined) problems.push(`${key} cannot be read: nobody knows what is pinned`)
    else if (pin.state === 'pinning')
      problems.push(`${key} was begun and never finished: \`dataset pin\` goes on, \`dataset unpin\` ends it`)
    else if (pin.state === 'pinned')
      problems.push(
        ...(await checkPinned(target, dataset, version, pin, read)).map(problem => `pinned version ${Number(version)}: ${problem}`),
      )
  }
  return problems
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
