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
  const listed = over.map(({ id, started, sealed }) => ({ id, started, sealed }))
  return {
    host,
    section,
    history,
    runs: listed.sort((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : a.id < b.id ? -1 : 1)),
  }
}
