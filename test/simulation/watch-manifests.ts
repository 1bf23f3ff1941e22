import { revisionKey } from '../../runtime/sink/sink-records.js'
import type { Manifest, ManifestPosition } from '../../schemas/manifest.js'
import { require } from './require.js'
import type { Objects } from './sim-store.js'
import type { WatchRoute } from './watch-route.js'
import type { WatchSeals } from './watch-seals.js'
import { noOverlap, type WatchSinks } from './watch-sinks.js'

const histories = ['none', 'running', 'loaded']

/**
 * Follows every manifest that is written: numbers grow by one, nothing that was told goes back, and the listed files are there, whole, with
 * the rows of every selected event below the positions.
 */
export class WatchManifests {
  /** By dataset, the newest number. */
  readonly newest = new Map<string, Manifest>()
  /** By dataset, the version that `manifest.json` shows. */
  readonly shown = new Map<string, number>()
  readonly #sinks: WatchSinks
  readonly #route: WatchRoute
  readonly #seals: WatchSeals
  readonly #objects: Objects

  constructor(sinks: WatchSinks, route: WatchRoute, seals: WatchSeals, objects: Objects) {
    this.#sinks = sinks
    this.#route = route
    this.#seals = seals
    this.#objects = objects
  }

  onObject(key: string, body: Buffer, again: boolean): void {
    const [, dataset, rest] = /^([^/]+)\/(manifest\.json|index\.html|manifests\/\d+\.json)$/.exec(key) ?? []
    require(!again || rest === 'manifest.json' || rest === 'index.html', () => `${key} was written and is written again`)
    if (dataset === undefined || rest === 'index.html') return
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
    const whole = this.#withLists(key, manifest)
    if (newest !== undefined) notBack(key, newest, whole)
    this.#files(key, whole)
    this.newest.set(dataset, whole)
  }

  /** The lists of files that a manifest names are there before it is. */
  #withLists(where: string, manifest: Manifest): Manifest {
    const listed = manifest.lists.flatMap(({ key, sha256 }) => {
      require(this.#objects.sha256(key) === sha256, () => `${where} names ${key}, which is not there`)
      return (JSON.parse(this.#objects.get(key)!.toString()) as Pick<Manifest, 'files'>).files
    })
    return { ...manifest, files: [...manifest.files, ...listed] }
  }

  #files(where: string, { dataset, revision, files, positions, sections, completeThrough }: Manifest): void {
    for (const file of files) this.#sinks.requireFile(file, where)
    const name = revisionKey(dataset, revision)
    for (const { partition, next, xapi, through } of positions) {
      if (through != null) this.#through(`${where}, partition ${partition},`, partition, Date.parse(through), xapi)
      const own = files.filter(file => file.partition === partition)
      if (!this.#sinks.isTable(name)) noOverlap(where, own)
      this.#sinks.requireRows(name, partition, own, { next, xapi }, where)
      if (completeThrough !== null) this.#through(where, partition, Date.parse(completeThrough), xapi)
    }
    for (const { runs } of sections) for (const { id, sealed } of runs) if (sealed !== null) this.#loaded(where, id, positions)
  }

  /** What entered before that time is covered. */
  #through(where: string, partition: number, time: number, xapi: number | null): void {
    const missing = this.#route.toldBefore(partition, time)
    require(xapi !== null && missing < xapi, () =>
      `${where} is called complete through ${time}, and ends before xapi/${partition}/${missing}`)
  }

  /** A run that is called sealed is within what the manifest covers, once its dataset has caught up. */
  #loaded(where: string, run: string, positions: readonly ManifestPosition[]): void {
    for (const line of this.#seals.linesOf(run)) {
      const { partition, src } = this.#route.facts.get(line)!
      const covered = positions.find(position => position.partition === partition)?.xapi
      require(typeof covered !== 'number' || covered > src, () => `${where} calls ${run} loaded, and does not cover ${line}`)
    }
  }
}

function notBack(where: string, before: Manifest, after: Manifest): void {
  for (const table of ['folded', 'alsoFolded'] as const)
    for (const [place, folded] of Object.entries(before[table]))
      require((after[table][place] ?? 0) >= folded, () => `${where}: ${table} of ${place} goes back`)
  require(after.revision >= before.revision, () => `${where}: the revision goes back to ${after.revision}`)
  for (const { section, history } of before.sections) {
    // There is one host; before a statement of it came, nobody knows its name.
    const now = after.sections.find(other => other.section === section)?.history ?? 'none'
    require(histories.indexOf(now) >= histories.indexOf(history), () => `${where}: the history of ${section} goes back to ${now}`)
  }
  for (const { partition, xapi } of before.positions) {
    const now = after.positions.find(position => position.partition === partition)?.xapi ?? -1
    require(now >= (xapi ?? -1), () => `${where}: the position in xapi/${partition} goes back`)
  }
  if (after.revision > before.revision) return
  // Sessions are joined to others.
  const grows = after.files.every(({ bucket }) => bucket === undefined)
  require(!grows || after.counts.rows >= before.counts.rows, () => `${where}: ${before.counts.rows} rows become ${after.counts.rows}`)
  // A section that nobody knew of makes it unknown again.
  const known = after.sections.every(({ history }) => history === 'loaded')
  require(!known || (after.completeThrough ?? '') >= (before.completeThrough ?? ''), () =>
    `${where}: completeThrough goes back to ${after.completeThrough}`)
  for (const position of before.positions) {
    const now = after.positions.find(({ partition }) => partition === position.partition)!
    for (const [topic, next] of Object.entries(position.next))
      require((now.next[topic] ?? 0) >= next, () => `${where}: the position in ${topic}/${position.partition} goes back`)
  }
}
