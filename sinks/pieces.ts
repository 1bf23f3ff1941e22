import type { DatasetTopicId } from '../schemas/topics.js'

/** A live file of one dataset revision and partition, as its record says. */
export interface Piece {
  readonly sequence: number
  readonly topic: DatasetTopicId
  readonly level: number
  readonly rows: number
  readonly bytes: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Whose pseudonyms it has: only files that agree may become one. */
  readonly pseudonymKey?: string
  /** It stays as it is, whatever its size. */
  readonly stays: boolean
}

export interface MergeLimits {
  readonly fanIn: number
  /** Where a file rolls. */
  readonly rows: number
  readonly bytes: number
}

/** Files to join into one, in this order. */
export interface MergePlan {
  readonly topic: DatasetTopicId
  readonly level: number
  readonly sequences: readonly number[]
  readonly firstOffset: number
  readonly lastOffset: number
}

/**
 * Which neighbours to merge now; apply all and ask again until the answer is empty. `fanIn` neighbours of one level become one of the next
 * while that stays within the limits. A file of half a limit is full, and stays as it is like one that cannot be merged. So:
 * - where `fanIn` do not fit, as many as fit make a full file (the one that did not fit is smaller than half);
 * - what lies before a full file can get no more neighbours, so it is joined at once, whatever its levels.
 * Hence a row is written at most 2 + log(pieces) times to the base of `fanIn` (the flush, each level, one closing merge), and the live
 * files of a topic are at most 4 · size / limit of full and closed ones and `fanIn` - 1 of each level.
 */
export function planMerge(files: readonly Piece[], limits: MergeLimits): MergePlan[] {
  const topics = new Set(files.map(file => file.topic))
  return [...topics].flatMap(topic => planTopic(files.filter(file => file.topic === topic).sort(byOffset), limits))
}

function planTopic(files: readonly Piece[], limits: MergeLimits): MergePlan[] {
  const merges: MergePlan[] = []
  let open: Piece[] = []
  for (const file of files) {
    if (file.stays || isFull(file, limits)) {
      merges.push(...closing(open, limits))
      open = []
    } else if (open.length > 0 && open.at(-1)!.pseudonymKey !== file.pseudonymKey) {
      merges.push(...closing(open, limits))
      open = [file]
    } else open.push(file)
  }
  return [...merges, ...growing(open, limits)]
}

/** Files with nothing to wait for: joined as far as they fit. */
function closing(files: readonly Piece[], limits: MergeLimits): MergePlan[] {
  const merges: MergePlan[] = []
  for (let i = 0; i < files.length; ) {
    const group = fitting(files.slice(i), limits)
    if (group.length > 1) merges.push(mergeOf(group))
    i += group.length
  }
  return merges
}

/** Files at the end of the topic: `fanIn` of one level, or fewer that make a full one. */
function growing(files: readonly Piece[], limits: MergeLimits): MergePlan[] {
  const merges: MergePlan[] = []
  for (let i = 0; i < files.length; ) {
    const run = files.slice(i, i + limits.fanIn)
    const level = run.length === limits.fanIn && run.every(file => file.level === run[0]?.level)
    const group = level ? fitting(run, limits) : run.slice(0, 1)
    if (group.length > 1) merges.push(mergeOf(group))
    i += group.length
  }
  return merges
}

/** The longest beginning that stays within the limits; at least one file. */
function fitting(files: readonly Piece[], limits: MergeLimits): readonly Piece[] {
  let rows = 0
  let bytes = 0
  const end = files.findIndex(file => {
    rows += file.rows
    bytes += file.bytes
    return rows > limits.rows || bytes > limits.bytes
  })
  return end < 0 ? files : files.slice(0, Math.max(end, 1))
}

function isFull(file: Piece, limits: MergeLimits): boolean {
  return file.rows * 2 >= limits.rows || file.bytes * 2 >= limits.bytes
}

function mergeOf(group: readonly Piece[]): MergePlan {
  return {
    topic: group[0]!.topic,
    level: Math.max(...group.map(file => file.level)) + 1,
    sequences: group.map(file => file.sequence),
    firstOffset: group[0]!.firstOffset,
    lastOffset: group.at(-1)!.lastOffset,
  }
}

const byOffset = (a: Piece, b: Piece) => a.firstOffset - b.firstOffset
