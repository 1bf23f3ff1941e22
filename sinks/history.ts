import { type LoadedHistory, loadsCategory } from '../schemas/loaded-history.js'
import type { ManifestSection } from '../schemas/manifest.js'

/** A backfill run, as far as histories need it. */
export interface HistoryRun {
  readonly id: string
  readonly loads: LoadedHistory
  /** ISO. */
  readonly started: string
  /** When every partition had passed its `sealed` marker; null before. */
  readonly sealed: string | null
}

/**
 * A history is loaded once each category that is needed (`Format.categories`; null = all that there are) was loaded by a sealed run, and
 * stays so while later runs look for more: a section never goes back to `running`. Runs name sections without a host, as the folders that
 * they read do.
 */
export function sectionHistory(
  host: string,
  section: string,
  categories: readonly string[] | null,
  runs: readonly HistoryRun[],
): ManifestSection {
  const needed = categories ?? [null]
  const over = runs.filter(run => needed.some(category => loadsCategory(run.loads, section, category)))
  const all = (from: readonly HistoryRun[]) => needed.every(category => from.some(run => loadsCategory(run.loads, section, category)))
  const history = all(over.filter(run => run.sealed !== null)) ? 'loaded' : all(over) ? 'running' : 'none'
  const inTime = [...over].sort((a, b) => compare(a.started, b.started) || compare(a.id, b.id))
  const sealed = inTime.filter(run => run.sealed !== null)
  const loaded = needed.map(category => sealed.find(run => loadsCategory(run.loads, section, category)))
  // One a night over every section would fill a manifest: the others are counted.
  const kept = new Set([...loaded, sealed.at(-1), inTime.findLast(run => run.sealed === null)])
  const listed = inTime.filter(run => kept.has(run)).map(({ id, started, sealed }) => ({ id, started, sealed }))
  const otherRuns = inTime.length - listed.length
  return { host, section, history, runs: listed, ...(otherRuns > 0 && { otherRuns }) }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
