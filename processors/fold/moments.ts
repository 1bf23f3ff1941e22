import type { Memory } from '../aggregate.js'
import type { Span } from './played-segments.js'

/** Spans of one node. */
const full = 128
/** Of the root, in ms: more than the longest video. */
const rootSize = 2 ** 28
const ways = 16

/**
 * A set of moments: disjoint spans in order, flat, `[0, 12300, 20000, 30000]`; or, when they are too many for one value, `null`, and 16
 * nodes of the next level, each for its part of the time, are under `key`. Exact, however cut up it is.
 */
export type Moments = readonly number[] | null

export const noMoments: Moments = []

/** `null` is a value here: it must not be taken for nothing. */
export function momentsAt(memory: Memory, learner: string, key: string): Moments {
  const stored = memory.get<readonly number[] | null>(learner, key)
  return stored === undefined ? noMoments : stored
}

export interface Covered {
  readonly root: Moments
  /** Milliseconds that were not in the set before. */
  readonly added: number
}

export function cover(memory: Memory, learner: string, key: string, root: Moments, [from, to]: Span): Covered {
  return coverNode(memory, learner, key, root, from, to, 0, rootSize)
}

export function spansOf(memory: Memory, learner: string, key: string, root: Moments): Span[] {
  if (root !== null) return Array.from({ length: root.length / 2 }, (_, i) => [root[2 * i]!, root[2 * i + 1]!])
  return children(key).flatMap(under => spansOf(memory, learner, under, momentsAt(memory, learner, under)))
}

/** Forgets all but the root, which the caller has. */
export function dropMoments(memory: Memory, learner: string, key: string, root: Moments): void {
  if (root !== null) return
  for (const under of children(key)) {
    const child = memory.get<readonly number[] | null>(learner, under)
    if (child === undefined) continue
    dropMoments(memory, learner, under, child)
    memory.delete(learner, under)
  }
}

const lengthOf = (spans: readonly Span[]) => spans.reduce((sum, [from, to]) => sum + to - from, 0)
const children = (key: string) => Array.from({ length: ways }, (_, i) => key + i.toString(ways))

function coverNode(
  memory: Memory,
  learner: string,
  key: string,
  node: Moments,
  from: number,
  to: number,
  start: number,
  size: number,
): Covered {
  if (node !== null) {
    const { spans, added } = united(node, from, to)
    return { root: spans.length <= 2 * full ? spans : split(memory, learner, key, spans, start, size), added }
  }
  const step = size / ways
  let added = 0
  for (let i = Math.floor((from - start) / step); i < ways && start + i * step < to; i++) {
    const under = key + i.toString(ways)
    const low = start + i * step
    const child = momentsAt(memory, learner, under)
    if (child === null && from <= low && low + step <= to) {
      // All of it: what was cut up below is one span again, and is not walked a second time.
      added += step - lengthOf(spansOf(memory, learner, under, child))
      dropMoments(memory, learner, under, child)
      memory.put(learner, under, [low, low + step])
      continue
    }
    const covered = coverNode(memory, learner, under, child, Math.max(from, low), Math.min(to, low + step), low, step)
    if (covered.added === 0) continue
    memory.put(learner, under, covered.root)
    added += covered.added
  }
  return { root: null, added }
}

function split(memory: Memory, learner: string, key: string, spans: readonly number[], start: number, size: number): null {
  const step = size / ways
  for (const [i, under] of children(key).entries()) {
    const low = start + i * step
    const inside: number[] = []
    for (let at = 0; at < spans.length; at += 2) {
      const from = Math.max(spans[at]!, low)
      const to = Math.min(spans[at + 1]!, low + step)
      if (from < to) inside.push(from, to)
    }
    if (inside.length > 0) memory.put(learner, under, inside.length <= 2 * full ? inside : split(memory, learner, under, inside, low, step))
  }
  return null
}

/** One more span among disjoint ones: those that it meets become one with it. */
function united(spans: readonly number[], from: number, to: number): { readonly spans: readonly number[]; readonly added: number } {
  let low = 0
  while (low < spans.length && spans[low + 1]! < from) low += 2
  let high = low
  let held = 0
  let first = from
  let last = to
  while (high < spans.length && spans[high]! <= to) {
    first = Math.min(first, spans[high]!)
    last = Math.max(last, spans[high + 1]!)
    held += spans[high + 1]! - spans[high]!
    high += 2
  }
  const added = last - first - held
  return added === 0 ? { spans, added } : { spans: [...spans.slice(0, low), first, last, ...spans.slice(high)], added }
}
