import type { SourceObject } from '../../producers/source.js'
import type { Finder, FinderDeps } from './finder.js'
import { FolderSchedule } from './folder-schedule.js'

/** Objects judged at once: a page of a listing. */
const pageSize = 1000
/** What the store refused is asked for again after so long. */
const refusedMs = 10 * 60_000
/** Told when a folder has to wait so long. */
const longRoundMs = 60_000
const tellEveryMs = 3_600_000
const napMs = 1000

/**
 * Looks into folder after folder. In a folder whose names are in order of upload only what stands behind a name is listed: that of the
 * last look, by the store's own clock, less the overlap, in which uploads may land late and clocks may differ.
 *
 * `from`: everything uploaded before is known.
 */
export function listFinder(deps: FinderDeps, from: number): Finder {
  const { services, source, scope, request, since, pool, known, events } = deps
  const { clock, store } = services
  const schedule = new FolderSchedule(scope.roots, request, from)
  /** Versions that are being read, with the mark that the look that found them began from: what is later counts as done after them. */
  const pending = new Map<string, number>()
  /** Versions that the store refused, and when to ask again. */
  const refused = new Map<string, number>()
  /** The store's clock says at least this: an upload was there that it stamped so. */
  let storeTime = from
  let told = Number.NEGATIVE_INFINITY

  async function look(prefix: string, mark: number, signal: AbortSignal): Promise<void> {
    const began = storeTime
    const after = source.after(prefix, mark - request.overlapMs)
    const listed = after === null ? store.browse(request.bucket, prefix) : store.list(request.bucket, prefix, after)
    const folders: string[] = []
    let entries = 0
    let news = 0
    let page: SourceObject[] = []
    for await (const entry of listed) {
      if (signal.aborted) return
      entries++
      if ('folder' in entry) folders.push(entry.folder)
      else {
        storeTime = Math.max(storeTime, entry.modified)
        page.push({ bucket: request.bucket, key: entry.key, size: entry.size, etag: entry.etag, lastModified: entry.modified })
      }
      if (page.length < pageSize) continue
      news += await take(page, mark)
      page = []
    }
    news += await take(page, mark)
    const requests = Math.max(1, Math.ceil(entries / pageSize))
    schedule.looked(prefix, { requests, news: news > 0, mark: began, folders: after === null ? folders : null }, clock.monotonic())
  }

  /** How many of them are new. They are read while the look goes on. */
  async function take(page: readonly SourceObject[], mark: number): Promise<number> {
    const now = clock.monotonic()
    const found = scope.plan(page, since).filter(object => !pending.has(versionOf(object)) && (refused.get(versionOf(object)) ?? 0) <= now)
    const fresh = await known.without(found)
    for (const object of fresh) {
      await pool.room()
      const version = versionOf(object)
      pending.set(version, mark)
      pool.read(object).then(
        outcome => {
          pending.delete(version)
          if (outcome === 'refused') refused.set(version, clock.monotonic() + refusedMs)
        },
        // Whoever runs the pool is told; this one stays pending.
        () => undefined,
      )
    }
    return fresh.length
  }

  function tell(): void {
    const now = clock.monotonic()
    const longest = schedule.longestWaitMs(now)
    if (longest < Math.max(longRoundMs, request.everyMs * 3) || now - told < tellEveryMs) return
    told = now
    const share = `${schedule.size} folders at ${request.listsPerSecond} listings a second`
    events.note(`${share}: a quiet one is looked into every ${Math.round(longest / 1000)} s; with a queue nothing has to be looked for`)
  }

  return {
    get through() {
      return Math.min(schedule.mark, ...pending.values())
    },
    async find(signal) {
      while (!signal.aborted) {
        const next = schedule.next(clock.monotonic())
        if (typeof next === 'number') await clock.sleep(Math.min(next, napMs), signal)
        else {
          await look(next.prefix, next.mark, signal)
          tell()
        }
      }
    },
  }
}

const versionOf = ({ key, etag }: Pick<SourceObject, 'key' | 'etag'>) => `${key}\n${etag}`
