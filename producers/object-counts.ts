import type { RefusalCode } from '../schemas/refusal.js'
import type { RunCounts } from '../schemas/sources.js'

/** What one object held, while it is read. Law: lines = blank + published + refused. */
export interface ObjectCounts {
  lines: number
  blank: number
  published: number
  readonly refused: Partial<Record<RefusalCode, number>>
  /** Of the published statements; only where the object's path names no section. */
  sections?: readonly string[] | null
}

export function newObjectCounts(): ObjectCounts {
  return { lines: 0, blank: 0, published: 0, refused: {} }
}

export const noRunCounts: RunCounts = { objects: 0, skipped: 0, bytes: 0, lines: 0, blank: 0, published: 0, refused: {} }

export function addObject(run: RunCounts, bytes: number, object: Readonly<ObjectCounts>): RunCounts {
  return {
    objects: run.objects + 1,
    skipped: run.skipped,
    bytes: run.bytes + bytes,
    lines: run.lines + object.lines,
    blank: run.blank + object.blank,
    published: run.published + object.published,
    refused: addRefused(run.refused, object.refused),
  }
}

/** Of two parts of one run, `skipped` aside: that is of the plan. */
export function addRuns(a: RunCounts, b: RunCounts): RunCounts {
  return { ...addObject(a, b.bytes, b), objects: a.objects + b.objects }
}

type Refused = RunCounts['refused']

function addRefused(a: Refused, b: Refused): Refused {
  const sum: Partial<Record<RefusalCode, number>> = { ...a }
  for (const code of Object.keys(b) as RefusalCode[]) sum[code] = (sum[code] ?? 0) + b[code]!
  return sum
}

export function isBalanced(counts: Pick<RunCounts, 'lines' | 'blank' | 'published' | 'refused'>): boolean {
  const refused = Object.values(counts.refused).reduce((sum, n) => sum + n, 0)
  return counts.lines === counts.blank + counts.published + refused
}
