import { datasetObjects } from '../../../runtime/datasets/dataset-objects.js'
import { pinVersion } from '../../../runtime/datasets/pin.js'
import { readPins } from '../../../runtime/datasets/read-pins.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import type { ObjectStore } from '../../../runtime/object-store.js'
import { gcPrefix, manifestVersionKey } from '../../../sinks/naming.js'
import { checkPins } from '../../../verify/check-pins.js'
import { gcLater, keysOf, numbersOf, sumOf } from '../../driver/garbage.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { uploads } from '../../driver/objects.js'
import { startRoles } from '../../driver/roles.js'
import { statements } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'
import { seeded } from '../kafka/random.js'

const perRound = 240

/** A dataset with an old version, whose files were all merged away since: the next gc clears it and removes them. */
async function withGarbage() {
  const world = await makeMemoryWorld({ PIECE_BYTES: '10000' })
  const stop = startRoles(world)
  await world.apply({ id: 'films', kind: 'video' })
  for (let round = 0; round < 10; round++) {
    await world.put(uploads(round, 'all', statements(round * perRound, (round + 1) * perRound, { section: round }), perRound))
    await world.backfill({ sections: [String(round)] })
    if (round === 0) await world.complete('films')
  }
  await world.complete('films')
  await stop()
  return world
}

/** The same objects in a store of their own. */
async function copyOf(world: World): Promise<ObjectStore> {
  const { store, config, clock } = world.services
  const copy = memoryStore(clock.now)
  await copy.ensureBucket(config.datasetsBucket)
  for (const key of await keysOf(world, '')) await copy.put(config.datasetsBucket, key, (await store.get(config.datasetsBucket, key))!, '')
  return copy
}

/** Lets the processes take their steps one at a time, in an order that `next` decides. */
function turns(next: (waiting: readonly string[]) => string) {
  /** What each of them wants to do: several requests at once, too. */
  const waiting = new Map<string, (() => void)[]>()
  const step = () => {
    const ready = [...waiting].filter(([, wants]) => wants.length > 0).map(([name]) => name)
    if (ready.length === 0 || ready.length < waiting.size) return
    waiting.get(next(ready.sort()))!.shift()!()
    // Others of its requests may wait still, and it makes no further one until they are answered.
    setImmediate(step)
  }
  return {
    turn: (name: string) =>
      new Promise<void>(resolve => {
        waiting.get(name)!.push(resolve)
        step()
      }),
    async run<T>(works: Readonly<Record<string, () => Promise<T>>>) {
      for (const name of Object.keys(works)) waiting.set(name, [])
      return Promise.allSettled(
        Object.entries(works).map(async ([name, work]) => {
          try {
            return await work()
          } finally {
            waiting.delete(name)
            step()
          }
        }),
      )
    },
  }
}

/** Every request waits for its turn. */
function inTurn(store: ObjectStore, turn: () => Promise<void>): ObjectStore {
  return new Proxy(store, {
    get(target, name: keyof ObjectStore) {
      const real = target[name] as (...args: unknown[]) => unknown
      if (name === 'list' || name === 'browse' || name === 'openUploads')
        return async function* (...args: unknown[]) {
          await turn()
          // What a request lists is what was there when it was answered.
          const found = []
          for await (const each of real.apply(target, args) as AsyncIterable<unknown>) found.push(each)
          yield* found
        }
      if (name === 'delete')
        return async (bucket: string, keys: readonly string[]) => {
          for (const key of keys) {
            await turn()
            await target.delete(bucket, [key])
          }
        }
      return async (...args: unknown[]) => {
        await turn()
        return real.apply(target, args)
      }
    },
  })
}

test('whatever the order of the steps of a gc and of a pin: what is pinned is there, and what is not there is refused', async () => {
  const world = await withGarbage()
  const { all } = await numbersOf(world, 'films')
  const version = all[0]!
  const { config } = world.services
  const ends = { pinned: 0, refused: 0, waited: 0 }
  for (let seed = 1; seed <= 150; seed++) {
    const store = await copyOf(world)
    const { chance, int } = seeded(seed)
    // Long runs of one, then of the other: a process that was stopped in the middle.
    const stays = [0.5, 0.9, 0.97, 0.99][seed % 4]!
    let last = seed % 2 === 0 ? 'gc' : 'pin'
    const { turn, run } = turns(waiting => {
      if (!waiting.includes(last) || !chance(stays)) last = waiting[int(waiting.length)]!
      return last
    })
    const clock = { ...world.services.clock, sleep: () => turn('pin') }
    const bucket = { store: inTurn(store, () => turn('pin')), config }
    const request = { version, note: null, dryRun: false, timeoutMs: 3_600_000, signal: new AbortController().signal }
    const onWait = () => void ends.waited++
    const [gc, pin] = await run<unknown>({
      gc: () => gcLater({ ...world, services: { ...world.services, store: inTurn(store, () => turn('gc')) } }, 25),
      pin: () => pinVersion(bucket, 'films', { ...request, clock, onWait }),
    })
    if (gc!.status === 'rejected') throw gc!.reason
    const after = { ...world, services: { ...world.services, store } }
    const objects = datasetObjects(after.services)
    const states = (await readPins(objects, 'films')).map(({ state }) => state)
    if (pin!.status === 'fulfilled') {
      ends.pinned++
      expect([seed, states]).toEqual([seed, ['pinned']])
      expect((await store.get(config.datasetsBucket, manifestVersionKey('films', version)))!.length).toBeGreaterThan(0)
    } else {
      ends.refused++
      expect(pin!.reason).toMatchObject({ code: 'VERSION_GONE' })
      expect([seed, states.filter(state => state !== 'withdrawn')]).toEqual([seed, []])
    }
    expect([seed, await checkPins({ objects: objects.list, object: objects.get }, 'films', new Map())]).toEqual([seed, []])
    // It stays so, and no gc has left its sign.
    const later = sumOf(await gcLater(after, 40 * 24), 'films')
    expect([later.problem, later.manifests.pinned]).toEqual([null, pin!.status === 'fulfilled' ? 1 : 0])
    expect(await checkPins({ objects: objects.list, object: objects.get }, 'films', new Map())).toEqual([])
    expect(await keysOf(after, gcPrefix('films'))).toEqual([])
  }
  for (const count of Object.values(ends)) expect(count).toBeGreaterThan(5)
})
