import type { LoadedHistory } from '../schemas/loaded-history.js'
import type { PlannedObject, Selection } from './source.js'

/** Finds out, object by object, what a backfill run loads: of what it was asked for, what was there and lay in it whole. */
export interface LoadedBy {
  /** Of a planned object, whether it is read now or was read before. */
  add(object: Pick<PlannedObject, 'key' | 'section' | 'category'>): void
  /** Of the statements in objects whose paths name no section. */
  addSections(sections: readonly string[]): void
  /** Sections of which anything was there, loaded or not. */
  sections(): readonly string[]
  loads(): LoadedHistory
}

/**
 * A part of the time is no history, and a section of which nothing was found may be a typing mistake. Where paths name no section, whoever
 * gave the prefix says by it what a history is: then the sections of the statements that were read are loaded.
 */
export function loadedBy({ prefix = '', categories, since, until }: Selection): LoadedBy {
  const named = new Set<string>()
  const whole = new Set<string>()
  const folders = new Map<string, Set<string>>()
  const partOfTime = since !== undefined || until !== undefined

  function addFolder(category: string, section: string): void {
    const own = folders.get(category) ?? new Set()
    folders.set(category, own.add(section))
  }

  return {
    add({ key, section, category }) {
      if (section === null) return
      named.add(section)
      if (partOfTime) return
      // `…/section/145/video/`: a prefix that ends within its name, or below it, has not listed all of it.
      const folder = key.slice(0, key.lastIndexOf('/') + 1)
      const parent = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1)
      const listed = category === null ? folder : parent
      if (!categories?.length && prefix.length <= listed.length) whole.add(section)
      else if (category !== null && prefix.length <= folder.length) addFolder(category, section)
    },
    addSections(sections) {
      for (const section of sections) {
        named.add(section)
        if (!partOfTime) whole.add(section)
      }
    },
    sections: () => [...named].sort(),
    loads: () => ({
      sections: [...whole].sort(),
      categories: Object.fromEntries(
        [...folders]
          .map(([category, own]) => [category, [...own].filter(section => !whole.has(section)).sort()] as const)
          .filter(([, own]) => own.length > 0),
      ),
    }),
  }
}
