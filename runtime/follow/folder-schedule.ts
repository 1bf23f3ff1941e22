/** A folder that is looked into again and again. */
export interface Folder {
  readonly prefix: string
  /** What was there at this time by the store's clock has been seen. ms since 1970. */
  readonly mark: number
}

/** What a look has found. */
export interface Look {
  /** Listing requests that it took. */
  readonly requests: number
  /** Something new was there. */
  readonly news: boolean
  /** The store's time when it began. */
  readonly mark: number
  /** Folders in it; null = it was listed with all that is below. */
  readonly folders: readonly string[] | null
}

interface Known extends Folder {
  readonly parent: string | null
  mark: number
  lookedAt: number
  newsAt: number
}

/** A folder without news for so long is wished to be looked into a tenth as often … */
const quietShare = 0.1
/** … but not more seldom than this. */
const longestMs = 10 * 60_000

/**
 * Which folder is next. Every one is looked into each `everyMs` as long as the listings that are allowed suffice for that. When they do not,
 * those with news lately come first: a folder is due by how long ago it was looked into, in parts of what its quietness lets it wait, so
 * each gets its turn and the wait of all grows alike. Times are told.
 */
export class FolderSchedule {
  readonly #folders = new Map<string, Known>()
  readonly #everyMs: number
  readonly #msPerRequest: number
  readonly #start: number
  #freeAt = Number.NEGATIVE_INFINITY

  /** `start`: everything before is known, in all folders. */
  constructor(roots: readonly string[], limits: { readonly everyMs: number; readonly listsPerSecond: number }, start: number) {
    this.#everyMs = limits.everyMs
    this.#msPerRequest = 1000 / limits.listsPerSecond
    this.#start = start
    for (const root of roots) this.#add(root, null)
  }

  get size(): number {
    return this.#folders.size
  }

  /** What was uploaded before this has been seen in every folder. */
  get mark(): number {
    let least = Number.POSITIVE_INFINITY
    for (const { mark } of this.#folders.values()) least = Math.min(least, mark)
    return least
  }

  /** The folder to look into now, or the ms until there may be one. */
  next(now: number): Folder | number {
    if (now < this.#freeAt) return this.#freeAt - now
    const everyMs = this.#everyMs
    const mostMs = Math.max(longestMs, everyMs)
    let best: Known | null = null
    let most = 0
    let soonest = everyMs
    // All of them each time: some thousand comparisons cost less than one listing.
    for (const folder of this.#folders.values()) {
      const waited = now - folder.lookedAt
      if (waited < everyMs) {
        soonest = Math.min(soonest, everyMs - waited)
        continue
      }
      const due = waited / Math.min(mostMs, Math.max(everyMs, (now - folder.newsAt) * quietShare))
      if (due <= most) continue
      most = due
      best = folder
    }
    return best ?? soonest
  }

  looked(prefix: string, look: Look, now: number): void {
    this.#freeAt = Math.max(this.#freeAt, now) + look.requests * this.#msPerRequest
    const folder = this.#folders.get(prefix)
    if (folder === undefined) return
    folder.lookedAt = now
    folder.mark = look.mark
    if (look.news) folder.newsAt = now
    if (look.folders === null) return
    const there = new Set(look.folders)
    for (const { prefix: known, parent } of this.#folders.values()) if (parent === prefix && !there.has(known)) this.#remove(known)
    for (const found of there) if (!this.#folders.has(found)) this.#add(found, prefix)
  }

  /** How long the one that has waited longest has not been looked into, those never looked into left out. */
  longestWaitMs(now: number): number {
    let longest = 0
    for (const { lookedAt } of this.#folders.values()) if (Number.isFinite(lookedAt)) longest = Math.max(longest, now - lookedAt)
    return longest
  }

  #add(prefix: string, parent: string | null): void {
    const never = Number.NEGATIVE_INFINITY
    this.#folders.set(prefix, { prefix, parent, mark: this.#start, lookedAt: never, newsAt: never })
  }

  #remove(prefix: string): void {
    for (const known of [...this.#folders.keys()]) if (known.startsWith(prefix)) this.#folders.delete(known)
  }
}
