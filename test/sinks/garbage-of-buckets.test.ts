import type { Bucket } from '../../schemas/dataset-files.js'
import { judgePiece, type PieceFacts, type ShownThen } from '../../sinks/garbage.js'
import { parsePieceKey, pieceKey } from '../../sinks/naming.js'
import { seeded } from '../schemas/random.js'

const place = { dataset: 'd', generation: 1, revision: 5, topic: 'state.sessions', partition: 0, extension: 'csv' } as const
const day = 86_400_000
const old: PieceFacts = {
  now: 10 * day,
  modified: 0,
  inManifests: new Set(),
  files: [],
  next: 0,
  gone: false,
  shownLately: true,
  foldedTo: 0,
  shownThen: { next: 100, of: 4 },
}
const named = (bucket: Bucket, lastOffset: number) =>
  parsePieceKey(pieceKey({ ...place, firstOffset: 0, lastOffset, sha256: '0123456789ab', bucket }))!

test.each<[string, Bucket, number, Partial<PieceFacts>, boolean, string]>([
  ['with a state that has changed since', { index: 1, of: 4 }, 99, {}, true, 'written anew'],
  ['of fewer buckets than there are', { index: 1, of: 2 }, 99, {}, true, 'written anew'],
  ['as new as the table', { index: 1, of: 4 }, 100, {}, false, 'may still be listed'],
  ['of more buckets than there are', { index: 1, of: 8 }, 99, {}, false, 'may still be listed'],
  ['of which nothing is shown', { index: 1, of: 4 }, 99, { shownThen: null }, false, 'may still be listed'],
])('a bucket %s', (_, bucket, lastOffset, facts, garbage, why) => {
  expect(judgePiece(named(bucket, lastOffset), { ...old, ...facts })).toEqual({ garbage, why })
})

interface Row {
  readonly learner: number
  readonly offset: number
}

/**
 * Four learners, whose sessions come, change, and are joined, in buckets that double, by a sink that crashes anywhere; a publisher that
 * lags; and `gc` at any time, for which every object is old. What it removes is not listed, not about to be, and in no manifest.
 */
function history(seed: number): { removed: number; left: number } {
  const { below } = seeded(seed)
  const rows = new Map<string, Row>()
  const objects = new Set<string>()
  const fail = (what: string) => {
    throw new Error(`seed ${seed}: ${what}`)
  }
  let next = 0
  let listed: { readonly keys: ReadonlySet<string>; readonly shown: ShownThen } = { keys: new Set(), shown: { next: 0, of: 1 } }
  let atWork: typeof listed | null = null
  const manifests: (typeof listed)[] = []
  let cleared = 0
  let removed = 0

  const change = () => {
    const learner = below(4)
    const session = below(3)
    rows.set(`${learner}|${session}`, { learner, offset: next++ })
    // A session that was joined to it is no more.
    if (below(3) === 0 && rows.delete(`${learner}|${(session + 1) % 3}`)) next++
  }
  const contents = (of: number) =>
    Array.from({ length: of }, (_, index) => {
      const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
      const offsets = sorted.filter(({ learner }) => Math.floor(learner / (4 / of)) === index).map(({ offset }) => offset)
      return offsets.length === 0 ? [] : [{ index, offsets }]
    }).flat()
  const keyOf = (bucket: Bucket, offsets: readonly number[]) =>
    pieceKey({
      ...place,
      firstOffset: Math.min(...offsets),
      lastOffset: bucket.part === undefined ? Math.max(...offsets) : next - 1,
      sha256: offsets
        .map(offset => offset.toString(16).padStart(3, '0'))
        .join('')
        .padEnd(12, '0')
        .slice(-12),
      bucket,
    })
  /** A part is listed already if its like is, whatever its name. */
  const known = (key: string) => {
    const like = (name: string) => name.replace(/-\d{20}-/, '-')
    return [...listed.keys].find(listedKey => /b\d+of\d+\./.test(key) && like(listedKey) === like(key)) ?? key
  }
  const render = () => {
    const of = Math.min(4, listed.shown.of * (below(4) === 0 ? 2 : 1))
    const keys = contents(of).flatMap(({ index, offsets }) => {
      if (offsets.length <= 2) return [keyOf({ index, of }, offsets)]
      const parts = Array.from({ length: Math.ceil(offsets.length / 2) }, (_, part) => offsets.slice(part * 2, part * 2 + 2))
      return parts.map((rows, part) => known(keyOf({ index, of, part }, rows)))
    })
    for (const key of keys) objects.add(key)
    return { keys: new Set(keys), shown: { next, of } }
  }
  const commit = () => {
    for (const key of atWork!.keys) if (!objects.has(key)) fail(`${key} is listed, and was removed`)
    listed = atWork!
    atWork = null
  }
  const gc = () => {
    if (manifests.length > cleared + 1 && below(2) === 0) cleared += below(manifests.length - cleared)
    const lately = manifests.slice(cleared)
    const inManifests = new Set([...lately.slice(0, 1), ...lately.slice(-1)].flatMap(({ keys }) => [...keys]))
    const files = [...listed.keys].map(key => ({ key, firstOffset: 0, lastOffset: 0, at: 0 }))
    const facts = { ...old, inManifests, files, shownThen: lately[0]?.shown ?? null }
    for (const key of objects) {
      if (!judgePiece(parsePieceKey(key)!, facts).garbage) continue
      if (listed.keys.has(key) || atWork?.keys.has(key)) fail(`${key} is removed, and listed or about to be`)
      for (const { keys } of lately) if (keys.has(key)) fail(`${key} is removed, and in a kept manifest`)
      objects.delete(key)
      removed++
    }
  }

  for (let step = 0; step < 150; step++) {
    const what = below(8)
    if (what < 3) change()
    else if (what === 3 && atWork !== null) commit()
    // A crash: what was uploaded stays, and is not listed.
    else if (what === 4) atWork = null
    else if (what === 5) {
      for (const key of listed.keys) if (!objects.has(key)) fail(`a manifest lists ${key}, which was removed`)
      manifests.push(listed)
    } else if (what === 6) gc()
    else atWork ??= render()
  }
  commitAll()
  return { removed, left: objects.size - listed.keys.size }

  /** A quiet day later nothing is left. */
  function commitAll() {
    change()
    atWork = render()
    commit()
    manifests.push(listed)
    cleared = manifests.length - 1
    gc()
  }
}

test('what is removed is never missed, whatever breaks and however late anybody is', () => {
  let [removed, left] = [0, 0]
  for (let seed = 1; seed <= 500; seed++) {
    const sums = history(seed)
    removed += sums.removed
    left += sums.left
  }
  expect(removed).toBeGreaterThan(5_000)
  expect(left).toBeLessThan(removed / 20)
})
