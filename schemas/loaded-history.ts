/**
 * What a backfill run makes loaded once it is sealed: all that lay there was listed, whole in time, and read. Section ids are those of
 * paths, or of the statements where paths name none.
 */
export interface LoadedHistory {
  /** Sections with everything they have, whatever its category. */
  readonly sections: readonly string[]
  /** By category (a folder of a section) the sections of which only that was read. */
  readonly categories: Readonly<Record<string, readonly string[]>>
}

export const noHistory: LoadedHistory = { sections: [], categories: {} }

export const loadsNothing = ({ sections, categories }: LoadedHistory): boolean =>
  sections.length === 0 && Object.keys(categories).length === 0

/** True when this alone loads the category of the section; null = all that the section has. */
export function loadsCategory({ sections, categories }: LoadedHistory, section: string, category: string | null): boolean {
  if (sections.includes(section)) return true
  const own = category !== null && Object.hasOwn(categories, category) ? categories[category]! : []
  return own.includes(section)
}

/** A run's record as releases wrote it that did not say what the run loads. */
interface OldRun {
  readonly request: string
  readonly sections: readonly string[] | null
  readonly plan: { readonly objects: number }
  readonly counts: { readonly skipped: number }
}

/**
 * What such a run has loaded for certain. Its sections were those that were asked for, found or not: so several that were asked for together
 * prove nothing, and neither does a run whose paths named none. Giving the command again loads them, and reads nothing twice.
 */
export function historyOfOldRun({ request, sections, plan, counts }: OldRun): LoadedHistory {
  const asked = JSON.parse(request) as {
    readonly prefix: string | null
    readonly sections: readonly string[]
    readonly categories: readonly string[]
    readonly since: number | null
    readonly until: number | null
  }
  if (asked.since !== null || asked.until !== null || plan.objects + counts.skipped === 0 || sections === null) return noHistory
  if (asked.sections.length > 1 || asked.categories.length > 1) return noHistory
  const [category] = asked.categories
  const folder = asked.sections.length === 1 ? '' : (/(?:^|\/)section\/[^/]+\/(.*)$/.exec(asked.prefix ?? '')?.[1] ?? '')
  if (folder === '') return category === undefined ? { sections, categories: {} } : { sections: [], categories: { [category]: sections } }
  // A prefix that ends within the names of a folder, or below it, is no whole one.
  return /^[^/]+\/$/.test(folder) ? { sections: [], categories: { [folder.slice(0, -1)]: sections } } : noHistory
}
