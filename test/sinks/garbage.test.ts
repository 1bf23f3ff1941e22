import { judgePiece, type LoggedFile, type PieceFacts } from '../../sinks/garbage.js'
import { type NamedPiece, parsePieceKey, pieceKey } from '../../sinks/naming.js'
import { seeded } from '../schemas/random.js'

const hour = 3_600_000
const now = 1_800_000_000_000
const place = { dataset: 'd', generation: 1, revision: 5, topic: 'events.video', partition: 0, extension: 'csv' } as const

/** The rows decide the content, so the span decides the name. */
function span(firstOffset: number, lastOffset: number): NamedPiece {
  const sha256 = `${firstOffset}a${lastOffset}`.padEnd(12, '0').slice(0, 12)
  return parsePieceKey(pieceKey({ ...place, firstOffset, lastOffset, sha256 }))!
}

const listed = (firstOffset: number, lastOffset: number, at: number): LoggedFile => ({
  key: span(firstOffset, lastOffset).key,
  firstOffset,
  lastOffset,
  at,
})

const usual: PieceFacts = {
  now,
  modified: now - 25 * hour,
  inManifests: new Set(),
  files: [listed(0, 99, 10), listed(100, 149, 20), listed(150, 199, 30)],
  next: 200,
  gone: false,
  shownLately: true,
  foldedTo: 25,
  shownThen: null,
}
const judged = (piece: NamedPiece, facts: Partial<PieceFacts> = {}) => judgePiece(piece, { ...usual, ...facts })

test.each<[string, NamedPiece, Partial<PieceFacts>, boolean, string]>([
  ['younger than a day', span(0, 9), { modified: now - 23 * hour }, false, 'younger than 24 hours'],
  ['listed', span(0, 99), {}, false, 'listed'],
  ['listed by a kept manifest', span(0, 9), { inManifests: new Set([span(0, 9).key]) }, false, 'in a kept manifest'],
  ['merged away before the first manifest that can be read', span(0, 9), {}, true, 'merged into another'],
  ['merged away since', span(150, 159), {}, false, 'merged into another lately'],
  ['merged away, and nothing was published yet', span(0, 9), { foldedTo: 0 }, false, 'merged into another lately'],
  ['cut otherwise after a crash', span(90, 120), {}, true, 'never listed'],
  ['uploaded, and its transaction may still come', span(200, 249), {}, false, 'may still be listed'],
  ['reaching beyond what is covered', span(180, 249), {}, false, 'may still be listed'],
  ['a merge whose transaction may still come', span(100, 199), {}, false, 'may still be listed'],
  ['of a revision that is gone', span(200, 249), { gone: true, shownLately: false }, true, 'of a revision that is gone'],
  ['of a revision that went a moment ago', span(0, 9), { gone: true }, false, 'of a revision that was shown in the last 24 hours'],
  ['of a revision that is gone, and still listed', span(0, 99), { gone: true, shownLately: false }, false, 'listed'],
])('a piece that is %s', (_, piece, facts, garbage, why) => {
  expect(judged(piece, facts)).toEqual({ garbage, why })
})

/**
 * A sink that crashes at any point, a publisher that lags, and `gc` at any time, for which every object is old: the worst case. Whatever it
 * removes is not listed, is about to be listed by nobody, and is in no manifest that can be read, now or later.
 */
function history(seed: number): { removed: number; left: number } {
  const { below } = seeded(seed)
  const objects = new Set<string>()
  const listedNow = new Map<string, LoggedFile & { readonly level: number }>()
  /** What `dataset-files` lists after so many records. */
  const log: ReadonlySet<string>[] = [new Set()]
  let next = 0
  let atWork: {
    readonly lists: readonly NamedPiece[]
    readonly instead: readonly string[]
    readonly next: number
    readonly level: number
  } | null = null
  const manifests: { readonly folded: number; readonly keys: ReadonlySet<string> }[] = []
  let cleared = 0
  let isQuiet = false
  let removed = 0
  const fail = (what: string) => {
    throw new Error(`seed ${seed}: ${what}`)
  }

  const flush = () => {
    const lists: NamedPiece[] = []
    let end = next + below(5)
    for (let pieces = 1 + below(2); pieces > 0; pieces--) {
      const first = end + below(2)
      end = first + 1 + below(6)
      lists.push(span(first, end - 1))
    }
    return { lists, instead: [], next: end + below(3), level: 0 }
  }
  const merge = () => {
    const all = [...listedNow.values()].sort((a, b) => a.firstOffset - b.firstOffset)
    const from = below(all.length)
    const some = all.slice(from, from + 2 + below(3))
    if (some.length < 2) return null
    const lists = [span(some[0]!.firstOffset, some.at(-1)!.lastOffset)]
    return { lists, instead: some.map(file => file.key), next, level: 1 }
  }
  const commit = () => {
    for (const key of atWork!.instead) listedNow.delete(key)
    for (const { key, firstOffset, lastOffset } of atWork!.lists) {
      if (!objects.has(key)) fail(`${key} is listed, and was removed`)
      listedNow.set(key, { key, firstOffset, lastOffset, at: log.length - 1, level: atWork!.level })
      log.push(new Set(listedNow.keys()))
    }
    next = atWork!.next
    atWork = null
  }
  const gc = () => {
    if (manifests.length > cleared + 1 && below(2) === 0) cleared += below(manifests.length - cleared)
    // Daily ones are one more reason to keep, others each time; the rest is cleared for good.
    const daily = isQuiet ? [] : manifests.slice(0, cleared).filter(() => below(4) === 0)
    const lately = manifests.slice(cleared)
    const inManifests = new Set([...daily, ...lately.slice(0, 1), ...lately.slice(-1)].flatMap(({ keys }) => [...keys]))
    const facts = { ...usual, inManifests, files: [...listedNow.values()], next, foldedTo: lately[0]?.folded ?? 0 }
    for (const key of objects) {
      if (!judgePiece(parsePieceKey(key)!, facts).garbage) continue
      if (listedNow.has(key)) fail(`${key} is removed, and listed`)
      // Somebody has found it there, and is about to list it.
      if (atWork?.lists.some(piece => piece.key === key)) fail(`${key} is removed, and about to be listed`)
      for (const { keys } of [...daily, ...lately]) if (keys.has(key)) fail(`${key} is removed, and in a kept manifest`)
      objects.delete(key)
      removed++
    }
  }

  for (let step = 0; step < 120; step++) {
    const what = below(8)
    if (atWork !== null && what < 4) commit()
    // A crash: what was uploaded stays, and is not listed.
    else if (what === 4) atWork = null
    else if (what === 5) {
      const folded = Math.max(manifests.at(-1)?.folded ?? 0, log.length - 1 - below(4))
      const keys = log[folded]!
      for (const key of keys) if (!objects.has(key)) fail(`a manifest lists ${key}, which was removed`)
      manifests.push({ folded, keys })
    } else if (what === 6) gc()
    else if (atWork === null) {
      atWork = below(3) > 0 ? flush() : merge()
      // Only if the name is free; when it is not, the same content is there already.
      for (const { key } of atWork?.lists ?? []) objects.add(key)
    }
  }
  // A quiet day later little is left: what a merge of files that are still listed could make anew.
  next = Number.MAX_SAFE_INTEGER
  atWork = null
  manifests.push({ folded: log.length - 1, keys: log.at(-1)! })
  cleared = manifests.length - 1
  isQuiet = true
  gc()
  return { removed, left: objects.size - listedNow.size }
}

test('what is removed is never missed, whatever breaks and however late anybody is', () => {
  const sums = { removed: 0, left: 0 }
  for (let seed = 1; seed <= 800; seed++) {
    const { removed, left } = history(seed)
    sums.removed += removed
    sums.left += left
  }
  expect(sums.removed).toBeGreaterThan(10_000)
  expect(sums.left).toBeLessThan(sums.removed / 10)
})
