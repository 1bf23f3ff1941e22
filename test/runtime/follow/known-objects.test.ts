import { torusObjects } from '../../../producers/torus-objects.js'
import { KnownObjects } from '../../../runtime/follow/known-objects.js'
import { scopeOf } from '../../../runtime/follow/scope.js'
import { ledgerWriter } from '../../../runtime/sources/source-ledger.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { torusKey } from '../../driver/objects.js'

const request = {
  sections: [],
  prefixes: [''],
  categories: [],
  since: null,
  queue: null,
  everyMs: 1000,
  overlapMs: 1000,
  listsPerSecond: 1,
}
const minute = Date.UTC(2025, 1, 1)
const counts = { lines: 1, blank: 0, published: 1, refused: {}, run: 'r' }

async function ledgerOf(keys: readonly string[], topicId = 'now') {
  const world = await makeMemoryWorld()
  const writer = await world.services.log.writer()
  const ledger = ledgerWriter(world.services, writer)
  const scope = scopeOf(torusObjects, { ...request, bucket: 'b' })
  const planned = scope.plan(keys.map(key => ({ bucket: 'b', key, size: 1, etag: 'e', lastModified: minute })))
  for (const object of planned)
    await ledger.object(object, { ...counts, etag: object.etag, size: 1, at: new Date(minute + 90_000).toISOString(), topicId })
  await writer.close()
  return { services: world.services, scope, planned }
}

test('what is in the ledger is known, another version is not, and what went to another topic is not', async () => {
  const { services, scope, planned } = await ledgerOf([torusKey(1, 'video', 1), 'any/name.jsonl'])
  const known = await KnownObjects.read(services, scope, 'now', 0)
  expect(planned.map(object => known.has(object))).toEqual([true, true])
  const others = planned.map(object => ({ ...object, etag: 'other' }))
  expect(await known.without([...planned, ...others])).toEqual(others)
  const elsewhere = await KnownObjects.read(services, scope, 'another topic', 0)
  expect(await elsewhere.without(planned)).toEqual(planned)
})

test('of what is older than what is kept in mind the ledger is asked', async () => {
  const keys = Array.from({ length: 40 }, (_, i) => torusKey(1, 'video', i))
  const { services, scope, planned } = await ledgerOf(keys)
  for (const known of [
    await KnownObjects.read(services, scope, 'now', minute + 20 * 60_000),
    // No more than ten at once: the oldest are forgotten.
    await KnownObjects.read(services, scope, 'now', 0, 10),
  ]) {
    expect(planned.filter(object => known.has(object)).length).toBeLessThanOrEqual(20)
    expect(known.has(planned.at(-1)!)).toBe(true)
    expect(await known.without(planned)).toEqual([])
  }
  const asked = await KnownObjects.read(services, scope, 'now', minute + 20 * 60_000)
  await asked.without(planned)
  expect(planned.every(object => asked.has(object))).toBe(true)
})
