import { Readable } from 'node:stream'
import type { PlannedObject } from '../../../producers/source.js'
import type { Clock } from '../../../runtime/clock.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import type { ObjectStore } from '../../../runtime/object-store.js'
import { objectBytes } from '../../../runtime/sources/object-bytes.js'

const body = Buffer.from('first\nsecond\n')
const object = { bucket: 'b', key: 'k', etag: 'e', size: body.length, compression: 'none' } as PlannedObject

/** Time goes on only when it is told to, and with each sleep that nobody ends before. */
function handClock(): Clock & { pass(ms: number): void } {
  let now = 0
  const sleeping = new Set<() => void>()
  return {
    now: () => now,
    monotonic: () => now,
    uuid: () => '',
    async sleep(ms, signal) {
      const until = now + ms
      await new Promise<void>(resolve => {
        const wake = () => {
          if (now < until && signal?.aborted !== true) return
          sleeping.delete(wake)
          resolve()
        }
        sleeping.add(wake)
        signal?.addEventListener('abort', wake, { once: true })
        wake()
      })
    },
    pass(ms) {
      now += ms
      for (const wake of [...sleeping]) wake()
    },
  }
}

test('a stream that falls silent is opened again where it stopped; a reader that takes a break is none', async () => {
  const clock = handClock()
  const from: number[] = []
  const store: ObjectStore = {
    ...memoryStore(() => clock.now()),
    async stream(_bucket, _key, _etag, at) {
      from.push(at)
      if (at > 0) return Readable.from([body.subarray(at)])
      const silent = new Readable({ read: () => undefined })
      silent.push(body.subarray(0, 6))
      return silent
    },
  }
  const bytes = objectBytes(store, object, clock, () => undefined)
  expect((await bytes.next()).value?.toString()).toBe('first\n')
  clock.pass(3_600_000)
  await new Promise(setImmediate)
  expect(from).toEqual([0])
  const next = bytes.next()
  await new Promise(setImmediate)
  for (let seconds = 0; seconds < 30 && from.length === 1; seconds++) {
    clock.pass(1000)
    await new Promise(setImmediate)
  }
  expect((await next).value?.toString()).toBe('second\n')
  expect(from).toEqual([0, 6])
  expect((await bytes.next()).done).toBe(true)
})

/** Gives all bytes and then breaks, as a connection that is reset at its end; nothing lies behind the last byte: a server answers 416 there. */
function resetAtTheEnd(size: number): ObjectStore & { readonly from: number[] } {
  const from: number[] = []
  return {
    ...memoryStore(() => 0),
    from,
    async stream(_bucket, _key, _etag, at) {
      from.push(at)
      if (at > 0 && at >= size) throw Object.assign(new Error('InvalidRange'), { status: 416 })
      return Readable.from(
        (async function* () {
          yield body.subarray(at, size)
          throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
        })(),
      )
    },
  }
}

test.each([body.length, 0])('a reset after the last of %i bytes ends the object, and nothing is asked for behind it', async size => {
  const store = resetAtTheEnd(size)
  let text = ''
  for await (const chunk of objectBytes(store, { ...object, size }, handClock(), () => undefined)) text += String(chunk)
  expect([text, store.from]).toEqual([body.toString('utf8', 0, size), [0]])
})
