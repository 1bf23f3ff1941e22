import type { NamedPiece } from './naming.js'

/** A file that the log lists now. */
export interface LoggedFile {
  readonly key: string
  readonly firstOffset: number
  readonly lastOffset: number
  /** Where in its partition of `dataset-files` it was listed. */
  readonly at: number
}

/** A snapshot's partition in one manifest. */
export interface ShownThen {
  /** Next offset of the state topic: all states below were in the files. */
  readonly next: number
  /** Number of buckets. */
  readonly of: number
}

/** What decides about one piece. `files` and `next` are of its revision, topic and partition. */
export interface PieceFacts {
  readonly now: number
  /** Upload time of the piece, ms. */
  readonly modified: number
  /** Keys that the kept manifests list, as far as they were read: all of earlier days, the first and the last of the last 24 hours. */
  readonly inManifests: ReadonlySet<string>
  readonly files: readonly LoggedFile[]
  /** First offset whose row is not in the files of this revision for certain. */
  readonly next: number
  /** Nobody writes this revision any more: it was deleted, or its successor is shown. */
  readonly gone: boolean
  /** Of snapshots, what the first manifest of the last 24 hours had of this partition; null = it was of another revision, or there is none. */
  readonly shownThen: ShownThen | null
  /** A manifest of the last 24 hours may have shown this revision. */
  readonly shownLately: boolean
  /**
   * Every manifest of the last 24 hours, and every one to come, was made of all of this partition of `dataset-files` below here.
   * 0 = nothing is known about that.
   */
  readonly foldedTo: number
}

/** Why a piece goes, or why it stays. */
export type PieceVerdict = { readonly garbage: boolean; readonly why: string }

const youngMs = 86_400_000

const goes = (why: string): PieceVerdict => ({ garbage: true, why })
const stays = (why: string): PieceVerdict => ({ garbage: false, why })

/**
 * A list of files goes when no kept manifest names it and none ever will: the number that is in its key is taken. It is named by every
 * manifest from that number on until its files change, so one that a manifest of the last 24 hours names is young, or the first of these
 * names it too.
 */
export function judgeList(
  version: number,
  facts: Pick<PieceFacts, 'now' | 'modified'> & { readonly isNamed: boolean; readonly newest: number },
): PieceVerdict {
  if (facts.modified > facts.now - youngMs) return stays('younger than 24 hours')
  if (facts.isNamed) return stays('in a kept manifest')
  return version <= facts.newest ? goes('a list of files that no kept manifest names') : stays('may still be listed')
}

/**
 * Whether an object is garbage. Age alone does not tell: a sink that was away for a day may find a piece that it has uploaded before, and list
 * it just now. So the log has to say that nobody will ever list it again:
 * - a listed file spans its rows: rows are listed once, files are only ever merged into larger ones, so the piece was merged away (or cut
 *   otherwise after a crash). A manifest may still name it until every one that can be read was made of a log that already had that file;
 * - all files have passed its rows, and none lies within its span, of which a merge could make it anew: it was never listed at all;
 * - a bucket of a snapshot has got rows with higher offsets: when a state changes or goes, the states that its learner has then are new, and
 *   lie in the same bucket. So what a bucket held once it never holds again; only a part of it may be a bucket of its own one day.
 */
export function judgePiece({ key, firstOffset, lastOffset, bucket }: NamedPiece, facts: PieceFacts): PieceVerdict {
  const { files } = facts
  if (facts.modified > facts.now - youngMs) return stays('younger than 24 hours')
  if (files.some(file => file.key === key)) return stays('listed')
  if (facts.inManifests.has(key)) return stays('in a kept manifest')
  if (facts.gone) return facts.shownLately ? stays('of a revision that was shown in the last 24 hours') : goes('of a revision that is gone')
  if (bucket !== null) {
    const then = facts.shownThen
    return then !== null && bucket.of <= then.of && lastOffset < then.next ? goes('written anew') : stays('may still be listed')
  }
  const around = files.filter(file => file.firstOffset <= firstOffset && lastOffset <= file.lastOffset)
  if (around.length > 0)
    return around.some(file => file.at < facts.foldedTo) ? goes('merged into another') : stays('merged into another lately')
  const within = files.some(file => firstOffset <= file.firstOffset && file.lastOffset <= lastOffset)
  return lastOffset < facts.next && !within ? goes('never listed') : stays('may still be listed')
}
