import type { Manifest } from '../../schemas/manifest.js'
import { require } from './require.js'

/** Follows every manifest that is written: numbers grow by one, nothing that was folded is unfolded, all that is listed is there. */
export class WatchManifests {
  /** By dataset, the newest number. */
  readonly newest = new Map<string, Manifest>()
  /** By dataset, the version that `manifest.json` shows. */
  readonly shown = new Map<string, number>()
  /** Kept for the next look: thrown where the object is written it would only be one more failing store. */
  breach: unknown = null
  readonly #sha256: (key: string) => string | null

  constructor(sha256: (key: string) => string | null) {
    this.#sha256 = sha256
  }

  onObject(key: string, body: Buffer): void {
    try {
      this.#check(key, body)
    } catch (error) {
      this.breach ??= error
    }
  }

  #check(key: string, body: Buffer): void {
    const [, dataset, rest] = /^([^/]+)\/(manifest\.json|manifests\/\d+\.json)$/.exec(key) ?? []
    if (dataset === undefined) return
    // Not through the product's schema: its shape is tested elsewhere, and checking it twice a version would take longer than all else.
    const manifest = JSON.parse(body.toString()) as Manifest
    const newest = this.newest.get(dataset)
    if (rest === 'manifest.json') {
      // The copy may be behind for a while. It never shows a number that does not exist, and never goes back.
      require(manifest.version <= (newest?.version ?? 0), () => `${key} shows ${manifest.version}, the newest is ${newest?.version}`)
      const before = this.shown.get(dataset) ?? 0
      require(manifest.version >= before, () => `${key} goes back from ${before} to ${manifest.version}`)
      this.shown.set(dataset, manifest.version)
      return
    }
    require(manifest.version === (newest?.version ?? 0) + 1, () => `${key} follows number ${newest?.version}`)
    for (const [partition, folded] of Object.entries(newest?.folded ?? {}))
      require((manifest.folded[partition] ?? 0) >= folded, () => `${key}: folded of partition ${partition} goes back`)
    for (const file of manifest.files)
      require(this.#sha256(file.key) === file.sha256, () => `${key} lists ${file.key}, which is not there as listed`)
    this.newest.set(dataset, manifest)
  }
}
