import type { ManifestSection } from '../schemas/manifest.js'

/** A backfill run, as far as histories need it. */
export interface HistoryRun {
  readonly id: string
  /** Sections that it loads; null = all of its source. */
  readonly sections: readonly string[] | null
  /** ISO. */
  readonly started: string
  /** When every partition had passed its `sealed` marker; null before. */
  readonly sealed: string | null
}

/**
 * A history is loaded once one run over it is sealed, and stays so while later runs look for more: a section never goes back to `running`.
 * Runs name sections without a host, as the folders that they read do.
 */
export function sectionHistory(host: string, section: string, runs: readonly HistoryRun[]): ManifestSection {
  const over = runs.filter(run => run.sections === null || run.sections.includes(section))
  const history = over.some(run => run.sealed !== null) ? 'loaded' : over.length > 0 ? 'running' : 'none'
  const told = over.map(({ id, started, sealed }) => ({ id, started, sealed }))
  return {
    host,
    section,
    history,
    runs: told.sort((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : a.id < b.id ? -1 : 1)),
  }
}
