import { parseManifest, parseManifestList } from '../../schemas/manifest.js'
import { buildManifest, manifestText } from '../../sinks/manifest.js'
import { fileCounts, mostInline, packManifest } from '../../sinks/manifest-lists.js'
import { sampleFile, sampleInput } from './sample-manifest.js'

const base = 'https://s3.example.org/datasets'
const files = (partitions: number, each: number) =>
  Array.from({ length: partitions * each }, (_, i) => sampleFile(i % partitions, Math.floor(i / partitions) * 100))
const whole = (partitions: number, each: number, version = 7) => buildManifest(sampleInput({ files: files(partitions, each), version }))

it('leaves a manifest as it is up to 5,000 files', () => {
  const manifest = whole(2, mostInline / 2)
  expect(packManifest(manifest, null, base)).toEqual({ manifest, lists: [] })
  expect(manifest.chunks).toHaveLength(mostInline)
})

it('moves more of them into lists, which hold all of them in the same order', () => {
  const manifest = whole(3, 2_500)
  const { manifest: packed, lists } = packManifest(manifest, null, base)
  expect([packed.files, packed.chunks]).toEqual([[], []])
  expect(packed.lists.map(list => list.files)).toEqual([1000, 1000, 500, 1000, 1000, 500, 1000, 1000, 500])
  const read = lists.map(({ body }) => parseManifestList(body.toString())!)
  expect(read.flatMap(list => list.files)).toEqual(manifest.files)
  expect(read.flatMap(list => list.chunks)).toEqual(manifest.chunks)
  expect(packed.lists.map(list => list.key)).toEqual(lists.map(list => list.key))
  expect(fileCounts(packed)).toEqual(fileCounts(manifest))
  expect(parseManifest(manifestText(packed))).toEqual({ ok: true, manifest: packed })
})

it('stays small, and names again what has not changed', () => {
  // As many lists as 120,000 files have.
  const first = packManifest(whole(12, 100), null, base, 10).manifest
  expect(first.lists).toHaveLength(120)
  expect(manifestText(first).length).toBeLessThan(100_000)
  const grown = buildManifest(sampleInput({ files: [...files(12, 100), sampleFile(5, 9_000_000)], version: 8 }))
  const { manifest, lists } = packManifest(grown, first, base, 10)
  expect(lists).toHaveLength(1)
  expect(lists[0]!.key).toMatch(/^algebra-2024\/lists\/0000000008-00000-[0-9a-f]{12}\.json$/)
  const keys = first.lists.map(list => list.key)
  expect(manifest.lists.filter(list => !keys.includes(list.key))).toHaveLength(1)
})

it('makes the same of what it has made before, whoever has published since', () => {
  const input = sampleInput({ files: files(3, 40), known: new WeakMap() })
  const made = new Map()
  const first = packManifest(buildManifest(input), null, base, 10, made).manifest
  const more = { ...input, version: 8, files: [...input.files.slice(0, 70), ...input.files.slice(71), sampleFile(1, 9_000_000)] }
  const next = packManifest(buildManifest(more), first, base, 10, made)
  expect(next).toEqual(packManifest(buildManifest({ ...more, known: new WeakMap() }), first, base, 10))
  // Another one has named its own lists: those that only this publisher has made may be gone.
  const lost = packManifest(buildManifest({ ...input, version: 9 }), null, base, 10, made)
  expect(lost.lists).toHaveLength(12)
  expect(lost.manifest.lists.map(list => list.key)).toEqual(lost.lists.map(list => list.key))
})

it.each(['', '{', '[]', '{"chunks":[]}', '{"chunks":[],"files":[{}]}'])('does not take %j for a list', text => {
  expect(parseManifestList(text)).toBeNull()
})
