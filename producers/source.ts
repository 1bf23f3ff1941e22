/**
 * What all sources have in common: of each listed object they say whether it is theirs, nothing else. Pure: listing and reading are runtime's.
 * From there on every source is lines (`LineSplitter`) and records (`lineRecord`).
 */
export interface Source {
  readonly name: string
  /** What has to be listed to find everything that is selected, and little else. */
  prefixes(selection: Selection): readonly string[]
  /** What is read of a listed object, or why nothing is. */
  take(object: SourceObject, selection: Selection): PlannedObject | NotTaken
  /**
   * For finding what is new: the name behind which everything in this folder stands that was uploaded at `since` (ms since 1970) or later.
   * Null: names in it do not tell, so it is listed whole, and the folders in it are looked into one by one.
   */
  after(folder: string, since: number): string | null
}

export interface SourceObject {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly etag: string
  /** ms since 1970 */
  readonly lastModified: number
}

export interface PlannedObject extends SourceObject {
  readonly compression: 'gzip' | 'none'
  /** Upload time by its name, else `lastModified`; ms since 1970. */
  readonly uploaded: number
  /** By its path; null where the path does not tell. */
  readonly section: string | null
  /** The folder of the section that it lies in; null where sections have none. */
  readonly category: string | null
}

export interface NotTaken {
  /** Ends the sentence "it is not taken: …". The same words for the same reason: they are counted. */
  readonly why: string
  /** True: the source knows it, and the selection leaves it out. */
  readonly known: boolean
}

export const isTaken = (object: PlannedObject | NotTaken): object is PlannedObject => 'key' in object

/** An absent filter selects all. */
export interface Selection {
  /** Only keys that begin with it. */
  readonly prefix?: string | undefined
  readonly sections?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
  /** Uploaded at or after, ms since 1970. */
  readonly since?: number | undefined
  /** Uploaded before, ms since 1970. */
  readonly until?: number | undefined
}
