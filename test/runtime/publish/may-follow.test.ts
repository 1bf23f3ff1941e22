import { mayFollow } from '../../../runtime/publish/publisher.js'
import { buildManifest, type ManifestInput } from '../../../sinks/manifest.js'
import { sampleInput } from '../../sinks/sample-manifest.js'

const manifest = (folded: number, xapi: readonly (number | null)[], log: ManifestInput['log'] = { xapi: 'x1', files: 'f1' }) =>
  buildManifest(
    sampleInput({ log, folded: new Map([[0, folded]]), positions: xapi.map((at, partition) => ({ partition, next: {}, xapi: at })) }),
  )

test('made from the same files topic: as much of it or more', () => {
  const last = manifest(10, [5])
  expect([9, 10, 11].map(folded => mayFollow(manifest(folded, [5]), last))).toEqual([false, true, true])
  // A sink that may not write the revision has left it: it is shown as it was.
  expect([4, null, 6].map(xapi => mayFollow(manifest(11, [xapi]), last))).toEqual([false, false, true])
  const old = { ...last, log: undefined }
  expect(mayFollow(manifest(9, [5]), old)).toBe(false)
})

test('a new revision takes the place of another one when it is as far in every partition', () => {
  const last = { ...manifest(10, [5, null]), revision: 1 }
  const next = (xapi: readonly (number | null)[]) => mayFollow({ ...manifest(10, xapi), revision: 2 }, last)
  expect([next([5, 0]), next([6, null]), next([4, 9]), next([null, 9])]).toEqual([true, true, false, false])
})

test('made from a new one: when all that was in is in again', () => {
  const last = manifest(1000, [5, 8, null])
  const next = (xapi: readonly (number | null)[]) => mayFollow(manifest(1, xapi, { xapi: 'x1', files: 'f2' }), last)
  expect([next([5, 8, 0]), next([6, 9, null]), next([4, 9, 9]), next([5, null, 0]), next([5])]).toEqual([true, true, false, false, false])
})

test('with another xapi there is nothing to compare', () => {
  expect(mayFollow(manifest(1, [0], { xapi: 'x2', files: 'f2' }), manifest(1000, [5]))).toBe(true)
})
