import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { allSources } from '../../../producers/all-sources.js'
import { noFault } from '../../../runtime/fault.js'
import { follow } from '../../../runtime/follow/follow.js'
import type { FollowRequest } from '../../../runtime/follow/request.js'
import { scopeOf } from '../../../runtime/follow/scope.js'
import { newTally } from '../../../runtime/follow/tally.js'
import { headerText } from '../../../runtime/log.js'
import type { ObjectStore } from '../../../runtime/object-store.js'
import { TributaryError } from '../../../schemas/errors.js'
import { topology } from '../../../topology.js'
import { type Followed, sourcesOf, startFollow } from '../../driver/follow.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl } from '../../driver/objects.js'
import { deadLettersOf, recordsOf } from '../../driver/results.js'
import { statements } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

/** An object's name as an uploader gives it `minutes` ago by the store's clock. */
function upload(world: World, name: string, minutes = 0, folder = 'section/1/video', ending = '.jsonl'): string {
  const time = new Date(world.services.clock.now() - minutes * 60_000).toISOString().replaceAll(':', '-')
  return `${folder}/${time}_${name}${ending}`
}
const lines = (from: number, to: number) => jsonl(statements(from, to))

async function read(world: World, ...keys: string[]): Promise<void> {
  await until(world, `${keys} to be in the ledger`, 20, async () => {
    const { objects } = await sourcesOf(world)
    return keys.every(key => objects.has(`${world.bucket}/${key}`)) || null
  })
}
/** How often each line is in the log. */
async function sent(world: World): Promise<number[]> {
  const times = new Map<string, number>()
  // Markers come from no line.
  for (const source of (await recordsOf(world, 'xapi')).flatMap(record => headerText(record, 'source') ?? []))
    times.set(source, (times.get(source) ?? 0) + 1)
  return [...times.values()]
}
const sums = async (follow: Followed) => {
  const { seconds, id, ...rest } = (await follow.stop())!
  return rest
}

test('what is uploaded from now on is read once, wherever a new folder appears; what was there before is history', async () => {
  const world = await makeMemoryWorld()
  await world.put([{ key: upload(world, 'old', 60 * 24), body: lines(0, 10) }])
  const follow = startFollow(world)
  const first = upload(world, 'first')
  await world.put([{ key: first, body: lines(10, 20) }])
  await read(world, first)
  const others = [
    upload(world, 'second'),
    upload(world, 'new-category', 0, 'section/1/page_viewed'),
    upload(world, 'new-section', 0, 'section/2/video'),
    'elsewhere/deep/er/any.jsonl',
  ]
  await world.put(others.map((key, i) => ({ key, body: lines(20 + i * 10, 30 + i * 10) })))
  await world.put([{ key: 'section/2/video/readme.txt', body: Buffer.from('no lines') }])
  await read(world, ...others)
  expect(await sums(follow)).toEqual({
    objects: 5,
    bytes: expect.any(Number),
    lines: 50,
    blank: 0,
    published: 50,
    refused: {},
    gone: 0,
    left: 0,
    messages: null,
  })
  expect(await sent(world)).toEqual(Array.from({ length: 50 }, () => 1))
})

test('uploads that land late, out of order, or from a clock that differs are found within the overlap', async () => {
  const world = await makeMemoryWorld()
  const follow = startFollow(world, { overlapMs: 900_000 })
  const now = upload(world, 'now')
  const ahead = upload(world, 'ahead', -60)
  await world.put([ahead, now].map((key, i) => ({ key, body: lines(i, i + 1) })))
  await read(world, now, ahead)
  const late = [upload(world, 'late', 14), upload(world, 'later', 5)]
  for (const [i, key] of late.entries()) await world.put([{ key, body: lines(10 + i, 11 + i) }])
  const tooLate = upload(world, 'too-late', 40)
  await world.put([{ key: tooLate, body: lines(20, 21) }])
  await read(world, ...late)
  const last = upload(world, 'last')
  await world.put([{ key: last, body: lines(30, 31) }])
  await read(world, last)
  await follow.stop()
  expect([...(await sourcesOf(world)).objects.keys()]).not.toContain(`${world.bucket}/${tooLate}`)
  // What comes later than the overlap is what a backfill over the same finds.
  expect(await world.backfill({}, { wait: false })).toMatchObject({ objects: 1, skipped: 5, lines: 1 })
})

test('a follow that was stopped goes on with what came meanwhile, and reads nothing twice', async () => {
  const world = await makeMemoryWorld()
  const first = startFollow(world)
  const before = [0, 1, 2].map(i => upload(world, `before-${i}`))
  await world.put(before.map((key, i) => ({ key, body: lines(i * 5, i * 5 + 5) })))
  await read(world, ...before)
  expect((await first.stop())!.objects).toBe(3)
  const between = upload(world, 'between')
  await world.put([{ key: between, body: lines(100, 105) }])
  const second = startFollow(world)
  await read(world, between)
  expect(await sums(second)).toMatchObject({ objects: 1, lines: 5 })
  expect(await sent(world)).toEqual(Array.from({ length: 20 }, () => 1))
  const { follows } = await sourcesOf(world)
  expect([...follows.values()]).toEqual([expect.objectContaining({ waiting: 0, newest: expect.objectContaining({ key: between }) })])
})

test('what was found and is not read yet holds the record back: a successor finds it again, however late', async () => {
  const world = await makeMemoryWorld()
  const slow = upload(world, 'slow')
  let hangs = true
  const store = (store: ObjectStore): ObjectStore => ({
    ...store,
    async stream(bucket, key, etag, from) {
      if (key === slow && hangs) return Readable.from(stuck())
      return store.stream(bucket, key, etag, from)
    },
  })
  async function* stuck() {
    yield lines(0, 2).subarray(0, 10)
    await until(world, 'the store to go on', 20, () => !hangs || null)
    throw new Error('the connection broke')
  }
  const follow = startFollow(world, { overlapMs: 1000 }, { store })
  await world.put([{ key: slow, body: lines(0, 2) }])
  // The others go on, far beyond the overlap.
  for (let i = 0; i < 4; i++) {
    const key = upload(world, `quick-${i}`)
    await world.put([{ key, body: lines(10 + i, 11 + i) }])
    await read(world, key)
    await world.services.clock.sleep(2000)
  }
  const record = async () => [...(await sourcesOf(world)).follows.values()][0]!
  await until(world, 'the record to tell that one waits', 20, async () => (await record()).waiting === 1 || null)
  hangs = false
  await follow.stop()
  const { through } = await record()
  expect(slow.slice(slow.lastIndexOf('/') + 1) > through!.replaceAll(':', '-')).toBe(true)
  startFollow(world, { overlapMs: 1000 })
  await read(world, slow)
  expect((await sourcesOf(world)).objects.get(`${world.bucket}/${slow}`)).toMatchObject({ lines: 2 })
})

test('of two with the same request one works, and the other goes on when it ends', async () => {
  const world = await makeMemoryWorld()
  const both = [startFollow(world), startFollow(world)] as const
  const first = upload(world, 'first')
  await world.put([{ key: first, body: lines(0, 5) }])
  await read(world, first)
  await until(world, 'one to stand by', 20, () => both.some(({ notes }) => notes.some(note => note.includes('stands by'))) || null)
  const [works, standsBy] = both[0].notes.some(note => note.includes('stands by')) ? [both[1], both[0]] : both
  expect((await works.stop())!.objects).toBe(1)
  const second = upload(world, 'second')
  await world.put([{ key: second, body: lines(5, 10) }])
  await read(world, second)
  expect((await standsBy.stop())!.objects).toBe(1)
  expect(await sent(world)).toEqual(Array.from({ length: 10 }, () => 1))
})

test('an object that another version replaces is read again, one that is cut off says so, one that vanishes is told', async () => {
  const world = await makeMemoryWorld()
  const vanishing = upload(world, 'vanishing')
  const follow = startFollow(
    world,
    {},
    {
      store: store => ({
        ...store,
        async stream(bucket, key, etag, from) {
          if (key === vanishing) await store.delete(bucket, [key])
          return store.stream(bucket, key, etag, from)
        },
      }),
    },
  )
  const growing = upload(world, 'growing')
  const cut = upload(world, 'cut', 0, 'section/1/video', '.jsonl.gz')
  await world.put([
    { key: growing, body: lines(0, 3) },
    { key: cut, body: gzipSync(lines(10, 400)).subarray(0, -40) },
    { key: vanishing, body: lines(900, 901) },
  ])
  await read(world, growing, cut)
  await world.put([{ key: growing, body: lines(0, 6) }])
  await until(world, 'the second version to be read', 20, async () => {
    const entry = (await sourcesOf(world)).objects.get(`${world.bucket}/${growing}`)
    return entry?.lines === 6 || null
  })
  await until(world, 'the vanished one to be told', 20, () => follow.notes.some(note => note.includes('is gone')) || null)
  expect(await sums(follow)).toMatchObject({ objects: 3, gone: 1, refused: { cut_off: 1 } })
  expect((await deadLettersOf(world)).map(({ code }) => code)).toEqual(['cut_off'])
})

test('what the store refuses is left aside and stops nobody', async () => {
  const world = await makeMemoryWorld()
  const archived = upload(world, 'archived')
  const follow = startFollow(
    world,
    {},
    {
      store: store => ({
        ...store,
        async stream(bucket, key, etag, from) {
          if (key === archived) throw new TributaryError('S3_REFUSED', 'it lies in the archive')
          return store.stream(bucket, key, etag, from)
        },
      }),
    },
  )
  const good = upload(world, 'good')
  await world.put([archived, good].map((key, i) => ({ key, body: lines(i, i + 1) })))
  await read(world, good)
  const later = upload(world, 'later')
  await world.put([{ key: later, body: lines(5, 6) }])
  await read(world, later)
  expect(await sums(follow)).toMatchObject({ objects: 2, left: 1 })
  expect(follow.notes.filter(note => note.includes('left for now'))).toHaveLength(1)
})

test.each(['S3_UNREACHABLE', 'S3_REFUSED'] as const)('a store that answers %s for a while is waited for', async code => {
  const world = await makeMemoryWorld()
  let away = true
  const store = (store: ObjectStore): ObjectStore => ({
    ...store,
    browse(bucket, prefix) {
      if (away) throw new TributaryError(code, 'listing')
      return store.browse(bucket, prefix)
    },
  })
  const follow = startFollow(world, {}, { store })
  const key = upload(world, 'one')
  await world.put([{ key, body: lines(0, 2) }])
  await until(world, 'the trouble to be told', 20, () => world.said.some(text => text.includes('goes on from the ledger')) || null)
  away = false
  await read(world, key)
  expect(await sums(follow)).toMatchObject({ objects: 1, lines: 2 })
})

test('backfill and follow share one ledger: what one has read the other skips', async () => {
  const world = await makeMemoryWorld()
  const follow = startFollow(world)
  const [one, two] = [upload(world, 'one'), upload(world, 'two', 60 * 24)]
  await world.put([{ key: one, body: lines(0, 5) }])
  await read(world, one)
  await world.put([{ key: two, body: lines(5, 10) }])
  expect(await world.backfill({}, { wait: false })).toMatchObject({ objects: 1, skipped: 1 })
  await follow.stop()
  // From the beginning of time: nothing is left to read.
  const whole = startFollow(world, { since: 0 })
  const three = upload(world, 'three')
  await world.put([{ key: three, body: lines(10, 15) }])
  await read(world, three)
  expect(await sums(whole)).toMatchObject({ objects: 1 })
  expect(await sent(world)).toEqual(Array.from({ length: 15 }, () => 1))
})

test('told to end before it looks for anything, it ends', async () => {
  const world = await makeMemoryWorld()
  const { bucket, services } = world
  const source = allSources(topology.sources)
  const some = { sections: ['1'], prefixes: [], categories: [], since: null, queue: null }
  const request: FollowRequest = { bucket, ...some, everyMs: 1000, overlapMs: 900_000, listsPerSecond: 1000 }
  const events = { progress: () => undefined, note: () => undefined, standsBy: () => undefined }
  const deps = { services, source, request, queue: null, tally: newTally(), fault: noFault, events, scope: scopeOf(source, request) }
  let ended = false
  const following = follow(deps, AbortSignal.abort()).then(() => {
    ended = true
  })
  await until(world, 'the follow to end', 5, () => ended || null)
  await following
})

test('a section that is not there is named at the start with the nearest that is, and followed', async () => {
  const world = await makeMemoryWorld()
  await world.put([{ key: upload(world, 'one'), body: lines(0, 5) }])
  const { notes } = startFollow(world, { sections: ['11'], prefixes: [] })
  await until(world, 'the note', 30, async () => notes.find(note => note.includes('section/11/')) ?? null)
  expect(notes).toContainEqual(expect.stringMatching(/section\/11\/: section\/ has 1\/\. What is uploaded there will be read\.$/))
})
