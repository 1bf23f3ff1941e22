import type { DatasetKind } from '../schemas/dataset-kinds.js'
import type { Manifest } from '../schemas/manifest.js'

/** Folders of a section whose statements become rows of a kind; null = all of them. */
const foldersOf: Readonly<Record<DatasetKind, readonly string[] | null>> = {
  attempt_evaluated: ['attempt_evaluated'],
  page_viewed: ['page_viewed'],
  video: ['video'],
  learners: null,
  sessions: null,
}

/** The part of a manifest that is judged. */
export type LoadedManifest = Pick<Manifest, 'dataset' | 'context' | 'sections'>

/** What a run was asked for, and whether it came to its end. */
interface Run {
  readonly bucket: string
  readonly prefix: string | null
  readonly sections: readonly string[]
  readonly categories: readonly string[]
  readonly since: number | null
  readonly until: number | null
  sealed: boolean
}

/** A folder with objects that were read. */
interface Folder {
  readonly bucket: string
  readonly path: string
  readonly section: string | null
  readonly category: string | null
  /** Of the statements in it, where its path names none. */
  readonly sections: Set<string>
}

/**
 * What the topic `sources` proves about histories, by the requests of the runs and the objects that were read: not by what runs say that
 * they load. Memory: a few hundred bytes a folder and run.
 */
export class LoadedHistories {
  readonly #xapiId: string
  readonly #runs = new Map<string, Run>()
  readonly #folders = new Map<string, Folder>()

  constructor(xapiId: string) {
    this.#xapiId = xapiId
  }

  /** A record of `sources`, in the order of the log. */
  onRecord(key: string, value: string | null): void {
    const record = value === null ? null : (JSON.parse(value) as Readonly<Record<string, unknown>>)
    // What went into an `xapi` that is no more is not in this one. Older runs do not say into which they went.
    if (record !== null && (record.topicId ?? this.#xapiId) !== this.#xapiId) return
    if (record !== null && typeof record.state === 'string' && key.startsWith('run/')) {
      const id = key.slice(4)
      const sealed = record.state === 'sealed' || (this.#runs.get(id)?.sealed ?? false)
      this.#runs.set(id, { ...(JSON.parse(String(record.request)) as Omit<Run, 'sealed'>), sealed })
    } else if (record === null || typeof record.etag === 'string') {
      // What was taken out of the ledger again was read once.
      const folder = this.#folderOf(key)
      for (const section of Array.isArray(record?.sections) ? (record.sections as string[]) : []) folder.sections.add(section)
    }
  }

  #folderOf(key: string): Folder {
    const at = key.lastIndexOf('/') + 1
    const known = this.#folders.get(key.slice(0, at))
    if (known !== undefined) return known
    const slash = key.indexOf('/')
    const path = key.slice(slash + 1, at)
    const [, section = null, category = null] = /(?:^|\/)section\/([^/]+)\/([^/]+)\/$/.exec(path) ?? []
    const folder = { bucket: key.slice(0, slash), path, section, category, sections: new Set<string>() }
    this.#folders.set(key.slice(0, at), folder)
    return folder
  }

  /** Sections that a manifest calls loaded, and no run has. */
  problems({ context, sections }: Omit<LoadedManifest, 'dataset'>): string[] {
    const needed = foldersOf[context.action as DatasetKind] ?? [null]
    return sections
      .filter(({ history }) => history === 'loaded')
      .flatMap(({ section, runs }) =>
        needed
          .filter(category => !runs.some(({ id }) => this.#hasRead(id, section, category)))
          .map(category => `section ${section} is called loaded, but no backfill run has read all of ${category ?? 'it'}`),
      )
  }

  #hasRead(id: string, section: string, category: string | null): boolean {
    const run = this.#runs.get(id)
    if (run === undefined || !run.sealed || run.since !== null || run.until !== null) return false
    if (run.sections.length > 0 && !run.sections.includes(section)) return false
    if (run.categories.length > 0 && (category === null || !run.categories.includes(category))) return false
    return [...this.#folders.values()].some(folder => provesAll(folder, run, section, category))
  }
}

function provesAll(folder: Folder, { bucket, prefix, categories }: Run, section: string, category: string | null): boolean {
  const { path } = folder
  const within = prefix ?? ''
  if (folder.bucket !== bucket) return false
  if (folder.section === null) return folder.sections.has(section) && (path.startsWith(within) || within.startsWith(path))
  if (folder.section !== section) return false
  const parent = path.slice(0, path.lastIndexOf('/', path.length - 2) + 1)
  // The whole section was listed: then it does not matter what its folders are.
  if (categories.length === 0 && parent.startsWith(within)) return true
  return folder.category === category && path.startsWith(within)
}
