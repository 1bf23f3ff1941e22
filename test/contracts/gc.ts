import { join } from 'node:path'
import { downloadDataset } from '../../runtime/datasets/download.js'
import { pinVersion, unpinVersion } from '../../runtime/datasets/pin.js'
import { readManifest } from '../../runtime/datasets/read.js'
import { pinsOf } from '../../runtime/datasets/read-pins.js'
import { indexKey, manifestKey, parsePieceKey, pieceKey } from '../../sinks/naming.js'
import { deleteDataset, gcLater, keysOf, numbersOf, sumOf } from '../driver/garbage.js'
import { uploads } from '../driver/objects.js'
import { rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const perRound = 240
const film = { id: 'films', kind: 'video' }

/** The same garbage on every kind of log and object store. */
export function gcContract(name: string, makeWorld: (env: Readonly<Record<string, string>>) => Promise<World>): void {
  describe(`gc: ${name}`, () => {
    let round = 0

    /** More history; every upload is a flush or two, and every eighth piece a merge. */
    async function grow(world: World, rounds: number): Promise<void> {
      for (const last = round + rounds; round < last; round++) {
        await world.put(uploads(round, 'all', statements(round * perRound, (round + 1) * perRound, { section: round }), perRound))
        await world.backfill({ sections: [String(round)] })
      }
    }

    const put = (world: World, key: string, body = 'x') =>
      world.services.store.put(world.services.config.datasetsBucket, key, Buffer.from(body), 'text/csv')

    async function listed(world: World): Promise<string[]> {
      return (await readManifest(world.services, 'films'))!.files.map(file => file.key).sort()
    }

    const piecesOf = async (world: World) => (await keysOf(world, 'films/')).filter(key => parsePieceKey(key)?.key === key)

    test('what is merged away goes after a day, and all the rest stays; numbers stay taken, and publishing goes on', async () => {
      const world = await makeWorld({ PIECE_BYTES: '10000' })
      const { store, config } = world.services
      const stop = startRoles(world)
      await world.apply(film)
      await grow(world, 10)
      await world.complete('films')
      const rows = await rowsOf(world, 'films')
      const [some] = await listed(world)
      const { revision, partition } = parsePieceKey(some!)!
      // What a crash between upload and commit leaves, and what others have put beside it.
      const piece = {
        dataset: 'films',
        generation: world.services.naming.generation,
        revision,
        topic: 'events.video',
        partition,
        extension: 'csv',
      } as const
      const uncommitted = pieceKey({ ...piece, firstOffset: 1_000_000, lastOffset: 1_000_009, sha256: 'a'.repeat(64) })
      const neverListed = pieceKey({ ...piece, firstOffset: 0, lastOffset: 1, sha256: 'b'.repeat(64) })
      const foreign = ['films/notes.txt', `${some}-4f1c7a52-1111-2222-3333-444455556666`, 'films/g1-r7/readme.md', 'other/thing.csv']
      for (const key of [uncommitted, neverListed, ...foreign]) await put(world, key)
      const pieces = await piecesOf(world)
      const merged = pieces.filter(key => key !== uncommitted && key !== neverListed).length - (await listed(world)).length
      expect(merged).toBeGreaterThan(4)

      const young = await gcLater(world, 0)
      expect([young.removed.objects, young.cleared]).toEqual([0, 0])
      expect(await piecesOf(world)).toEqual(pieces)

      // Nothing grows while it is compared.
      await stop()
      const before = await keysOf(world, '')
      const plan = await gcLater(world, 25, true)
      expect(await keysOf(world, '')).toEqual(before)
      const done = await gcLater(world, 25)
      expect(done).toEqual({ ...plan, dryRun: false })
      const sum = sumOf(done, 'films')
      expect(sum).toMatchObject({ problem: null, unknownCount: 3, manifests: { kept: 1 } })
      expect(done.removed.objects).toBe(merged + 1)
      expect(await piecesOf(world)).toEqual([...(await listed(world)), uncommitted].sort())
      for (const key of foreign) expect((await keysOf(world, key)).includes(key)).toBe(true)
      const numbers = await numbersOf(world, 'films')
      expect(numbers.all).toEqual(numbers.all.map((_, i) => i + 1))
      expect(numbers.cleared).toEqual(numbers.all.slice(0, -1))
      expect(sum.manifests.cleared).toBe(numbers.cleared.length)
      expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
      expect((await gcLater(world, 25)).removed.objects).toBe(0)

      // Who takes over finds the newest number behind the cleared ones, and goes on.
      await store.delete(config.datasetsBucket, [manifestKey('films')])
      startRoles(world)
      await grow(world, 2)
      const next = await world.complete('films')
      expect(next.version).toBeGreaterThan(numbers.all.at(-1)!)
      expect((await rowsOf(world, 'films')).rows.length).toBeGreaterThan(rows.rows.length)
      expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
    })

    test('what a bucket of a snapshot held before goes after a day, and what it holds stays', async () => {
      const world = await makeWorld({ BUCKET_BYTES: '2000' })
      const stop = startRoles(world)
      await world.apply({ id: 'films', kind: 'learners', freshness: 10 })
      for (let times = 0; times < 4; times++) {
        await grow(world, 1)
        await world.complete('films')
      }
      await stop()
      const now = await listed(world)
      const before = (await piecesOf(world)).length
      expect(before).toBeGreaterThan(2 * now.length)
      expect((await gcLater(world, 0)).removed.objects).toBe(0)
      expect(sumOf(await gcLater(world, 25), 'films').removed).toEqual({
        'written anew': expect.objectContaining({ objects: before - now.length }),
      })
      expect(await piecesOf(world)).toEqual(now)
      expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
    })

    test('a revision goes when its successor is shown, and a dataset when it is deleted; a new one of the name goes on behind its numbers', async () => {
      const world = await makeWorld({ PIECE_BYTES: '10000' })
      startRoles(world)
      const first = await world.apply(film)
      await grow(world, 3)
      await world.complete('films')
      const second = await world.apply({ ...film, exclude_fields: ['video_url'] })
      await until(world, 'the new revision', 60, async () =>
        (await readManifest(world.services, 'films'))!.revision === second ? true : null,
      )
      await world.complete('films')
      const ofFirst = async () => (await piecesOf(world)).filter(key => parsePieceKey(key)!.revision === first).length
      expect(await ofFirst()).toBeGreaterThan(0)
      expect((await gcLater(world, 0)).removed.objects).toBe(0)
      await until(world, 'the sinks to let go', 60, async () => {
        await gcLater(world, 25)
        return (await ofFirst()) === 0 || null
      })
      expect(await world.verify()).toMatchObject({ ok: true, problems: [] })

      await deleteDataset(world, 'films')
      await until(world, 'the sinks to let go', 60, async () => {
        const { stays } = sumOf(await gcLater(world, 25, true), 'films')
        return stays.listed === undefined || null
      })
      // The last manifest of the day is still kept, with all that it lists.
      const kept = sumOf(await gcLater(world, 25), 'films')
      expect(kept).toMatchObject({ deleted: true, manifests: { kept: 1, cleared: 0 } })
      expect(await listed(world)).toEqual(await piecesOf(world))
      const { all } = await numbersOf(world, 'films')

      expect(sumOf(await gcLater(world, 32 * 24), 'films')).toMatchObject({ manifests: { kept: 0, cleared: 1 }, problem: null })
      expect(await keysOf(world, 'films/')).toEqual(await keysOf(world, 'films/manifests/'))
      expect((await numbersOf(world, 'films')).cleared).toEqual(all)

      await world.apply(film)
      expect((await world.complete('films')).version).toBeGreaterThan(all.at(-1)!)
      expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
    })

    test('a pinned version stays with its files, whatever becomes of its dataset; withdrawn, it goes', async () => {
      const world = await makeWorld({ PIECE_BYTES: '10000' })
      const { services } = world
      const stop = startRoles(world)
      await world.apply(film)
      await grow(world, 1)
      const { version, files } = await world.complete('films')
      const request = { version, note: null, dryRun: false, timeoutMs: 0, clock: services.clock, onWait: () => undefined }
      const { pin } = await pinVersion(services, 'films', { ...request, signal: new AbortController().signal })
      await grow(world, 9)
      await world.complete('films')
      const now = await listed(world)
      const frozen = files.map(({ key }) => key).filter(key => !now.includes(key))
      expect(frozen.length).toBeGreaterThan(0)
      const isThere = async () => {
        const there = await keysOf(world, 'films/')
        expect(there).toEqual(expect.arrayContaining([...files.map(({ key }) => key), pin.manifest.key, pin.list.key]))
        const { problems } = await world.verify()
        expect(problems).toEqual([])
      }
      expect(sumOf(await gcLater(world, 40 * 24), 'films')).toMatchObject({ problem: null, unknownCount: 0, manifests: { pinned: 1 } })
      await isThere()

      const second = await world.apply({ ...film, exclude_fields: ['video_url'] })
      await until(world, 'the new revision', 60, async () => (await readManifest(services, 'films'))!.revision === second || null)
      await world.complete('films')
      await until(world, 'the sinks to let go', 60, async () => {
        const { stays } = sumOf(await gcLater(world, 40 * 24), 'films')
        return stays['in a kept manifest']?.objects === files.length || null
      })
      await isThere()

      await deleteDataset(world, 'films')
      await until(world, 'the sinks to let go', 60, async () => {
        const { stays } = sumOf(await gcLater(world, 40 * 24), 'films')
        return stays.listed === undefined || null
      })
      await stop()
      await isThere()
      expect(await piecesOf(world)).toEqual(files.map(({ key }) => key).sort())
      // Nothing says any more that a later version is here, whose files are gone; nor would a page follow a withdrawal.
      const fronts = (await keysOf(world, 'films/')).filter(key => [manifestKey('films'), indexKey('films')].includes(key))
      expect(fronts).toEqual([])
      const to = join(world.folder, 'cited')
      expect(await downloadDataset(services, 'films', to, () => undefined, 'pinned')).toMatchObject({
        version,
        contentSha256: pin.contentSha256,
      })

      await services.store.delete(services.config.datasetsBucket, [files[0]!.key])
      expect((await world.verify()).problems).toEqual([`dataset films: pinned version ${version}: ${files[0]!.key} is not there`])
      await unpinVersion(services, 'films', version, { reason: 'of a test', dryRun: false, clock: services.clock })
      expect(sumOf(await gcLater(world, 40 * 24), 'films').manifests).toEqual({ kept: 0, cleared: 1, pinned: 0 })
      expect(await piecesOf(world)).toEqual([])
      expect(await pinsOf(services, null)).toMatchObject([{ state: 'withdrawn', contentSha256: pin.contentSha256 }])
      expect(await world.verify()).toMatchObject({ ok: true, problems: [] })
    })
  })
}
