import { memoryQueue } from '../../../runtime/memory/memory-queue.js'
import { enveloped, eventMessage, testMessage } from '../../driver/event-message.js'
import { sourcesOf, startFollow } from '../../driver/follow.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { recordsOf } from '../../driver/results.js'
import { statements } from '../../driver/statements.js'
import { until } from '../../driver/until.js'

const lines = (from: number, to: number) => jsonl(statements(from, to))
/** Everything in the tests is new. */
const since = 0
const none = { read: 0, done: 0, gone: 0, ignored: 0, test: 0, foreign: 0, unreadable: 0, left: 0 }

test('every message has a named outcome, and only what is done is deleted', async () => {
  const world = await makeMemoryWorld()
  const queue = memoryQueue(world.services.clock)
  const [one, two, three] = [1, 2, 3].map(i => torusKey(1, 'video', i))
  const spaced = 'section/1/video/a name+with%20signs.jsonl'
  await world.put([one!, two!, three!, spaced].map((key, i) => ({ key, body: lines(i * 10, i * 10 + 10) })))
  await world.put([{ key: 'section/1/video/readme.txt', body: Buffer.from('no lines') }])
  const kept = [
    eventMessage('somebody-elses', [one!]),
    'no event at all',
    '{"Records":[{"eventName":"ObjectCreated:Put"}]}',
    // Of two buckets: ours is read, the message stays for the other.
    eventMessage(world.bucket, [three!]).replace(
      ']}',
      `,${JSON.stringify(JSON.parse(eventMessage('somebody-elses', [two!])).Records[0])}]}`,
    ),
  ]
  const gone = [
    eventMessage(world.bucket, [one!, two!]),
    enveloped(eventMessage(world.bucket, [spaced])),
    testMessage(world.bucket),
    eventMessage(world.bucket, ['section/1/video/readme.txt', 'other/x.jsonl']),
    eventMessage(world.bucket, [one!], 'ObjectRemoved:Delete'),
    eventMessage(world.bucket, [torusKey(1, 'video', 99)]),
  ]
  for (const body of [...kept, ...gone]) queue.send(body)
  const follow = startFollow(world, { prefixes: ['section/1/'], since }, { queue })
  await until(world, 'what is done to be deleted', 20, () => queue.bodies.length === kept.length || null)
  expect(queue.bodies).toEqual(kept)
  // The same again, and once more: at least once is what a queue promises.
  queue.send(gone[0]!)
  queue.send(enveloped(gone[0]!))
  await until(world, 'the repeats to be deleted', 20, () => queue.bodies.length === kept.length || null)
  const sum = (await follow.stop())!
  expect(sum).toMatchObject({ objects: 4, lines: 40, published: 40, gone: 1, left: 0 })
  const { foreign, unreadable, ...once } = sum.messages!
  expect(once).toEqual({ read: 2, done: 2, gone: 1, ignored: 2, test: 1, left: 0 })
  // Two of each, and again when they are not hidden any more.
  expect([foreign >= 2, unreadable >= 2]).toEqual([true, true])
  expect((await recordsOf(world, 'xapi')).length).toBe(40)
  expect([...(await sourcesOf(world)).objects.keys()].sort()).toEqual([one, two, three, spaced].map(key => `${world.bucket}/${key}`).sort())
  expect(follow.notes.filter(note => note.includes('was kept'))).toHaveLength(3)
})

test('a message goes only when its objects are in the ledger, and is back at once when the follow ends before', async () => {
  const world = await makeMemoryWorld()
  const queue = memoryQueue(world.services.clock)
  const key = torusKey(1, 'video', 1)
  await world.put([{ key, body: lines(0, 5) }])
  queue.send(eventMessage(world.bucket, [key]))
  let fails = 2
  const seen: number[] = []
  const fault = (point: string) => {
    if (point === 'follow.afterSend') seen.push(queue.bodies.length)
    if (point === 'follow.afterLedger' && fails-- > 0) throw new Error('injected')
  }
  const follow = startFollow(world, { since }, { queue, fault })
  await until(world, 'the message to be deleted', 20, () => queue.bodies.length === 0 || null)
  // While the lines were under way the message was there; the ledger entry of the broken try made it done.
  expect(seen).toEqual([1])
  expect((await sourcesOf(world)).objects.get(`${world.bucket}/${key}`)).toMatchObject({ lines: 5 })
  await follow.stop()
  expect((await recordsOf(world, 'xapi')).length).toBe(5)
})

test('where the bucket that is followed is not there, messages stay: it says nothing about the objects', async () => {
  const world = await makeMemoryWorld()
  const queue = memoryQueue(world.services.clock)
  const bucket = 'of-another-account'
  queue.send(eventMessage(bucket, [torusKey(1, 'video', 1)]))
  const follow = startFollow(world, { bucket, since }, { queue })
  await until(world, 'it to be reported', 20, () => follow.notes.some(note => note.includes(`no bucket ${bucket}`)) || null)
  const sum = (await follow.stop())!
  expect(sum.messages).toEqual({ ...none, left: expect.any(Number) })
  expect(queue.bodies).toHaveLength(1)
})

test('two versions of a key, whatever the order of their messages: the ledger has what is there', async () => {
  const world = await makeMemoryWorld()
  const queue = memoryQueue(world.services.clock)
  const key = torusKey(1, 'video', 1)
  await world.put([{ key, body: lines(0, 5) }])
  const follow = startFollow(world, { since }, { queue })
  for (let i = 0; i < 5; i++) queue.send(eventMessage(world.bucket, [key, key]))
  await world.put([{ key, body: lines(0, 8) }])
  for (let i = 0; i < 5; i++) queue.send(eventMessage(world.bucket, [key]))
  await until(world, 'all messages to be deleted', 20, () => queue.bodies.length === 0 || null)
  const { etag } = (await world.services.store.head(world.bucket, key))!
  expect((await sourcesOf(world)).objects.get(`${world.bucket}/${key}`)).toMatchObject({ etag, lines: 8 })
  const sum = (await follow.stop())!
  expect(sum.objects).toBeLessThanOrEqual(2)
  expect(sum.messages).toEqual({ ...none, read: sum.messages!.read, done: 10 - sum.messages!.read })
})

test('an old upload whose message comes late is looked up in the ledger, and not read again', async () => {
  const world = await makeMemoryWorld()
  const queue = memoryQueue(world.services.clock)
  const [old, fresh] = [torusKey(1, 'video', 1), torusKey(1, 'video', 3 * 24 * 60)]
  await world.put([old, fresh].map((key, i) => ({ key, body: lines(i * 5, i * 5 + 5) })))
  for (const key of [old, fresh]) queue.send(eventMessage(world.bucket, [key]))
  const first = startFollow(world, { since }, { queue })
  await until(world, 'both to be read', 20, () => queue.bodies.length === 0 || null)
  expect((await first.stop())!.messages).toMatchObject({ read: 2 })
  const second = startFollow(world, { since }, { queue })
  for (const key of [old, fresh]) queue.send(eventMessage(world.bucket, [key]))
  await until(world, 'the late messages to be deleted', 20, () => queue.bodies.length === 0 || null)
  expect((await second.stop())!.messages).toMatchObject({ read: 0, done: 2 })
  expect((await recordsOf(world, 'xapi')).length).toBe(10)
})
