import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { sampleHistory, sampleObjects } from '../../demo/sample-history.js'
import { interpret } from '../../processors/route/interpret.js'
import { LineSplitter } from '../../producers/line-splitter.js'
import { torusObjects } from '../../producers/torus-objects.js'
import { inUploadOrder } from '../../producers/upload-order.js'
import { kinds } from '../../schemas/event.js'

const options = { seed: 7, statements: 6_000, hosts: 2, linesPerObject: 150 }
const { objects, expected } = sampleHistory(options)
const plain = ({ key, body }: { key: string; body: Buffer }) => (key.endsWith('.gz') ? gunzipSync(body) : body)
const count = (counts: Readonly<Partial<Record<string, number>>>) => Object.values(counts).reduce<number>((sum, n) => sum + (n ?? 0), 0)

/** What the product's own reader and interpreter make of it. */
function outcome() {
  const seen = new Set<string>()
  const learners = new Set<string>()
  const found = {
    lines: 0,
    blank: 0,
    events: {} as Record<string, number>,
    derived: 0,
    duplicates: 0,
    refused: {} as Record<string, number>,
  }
  for (const object of objects) {
    const splitter = new LineSplitter(1 << 20)
    for (const line of [...splitter.push(plain(object)), ...splitter.end()]) {
      found.lines++
      if (line.tooLong) throw new Error('too long')
      const result = interpret(line.line, {})
      if (!result.ok) found.refused[result.refusal.code] = (found.refused[result.refusal.code] ?? 0) + 1
      else if (seen.has(result.event.id)) found.duplicates++
      else {
        seen.add(result.event.id)
        learners.add(result.key)
        found.derived += result.derived.length
        found.events[result.event.kind] = (found.events[result.event.kind] ?? 0) + 1
      }
    }
    found.blank += splitter.blank
    found.lines += splitter.blank
  }
  return { ...found, learners: learners.size }
}

test('what it says must come out is what comes out', () => {
  expect(outcome()).toEqual(expected)
  expect(count(expected.events)).toBe(6_000)
  expect(expected.duplicates).toBe(60)
  expect(count(expected.refused)).toBe(10)
  expect(expected.lines).toBe(6_000 + 60 + 10 + expected.blank)
  expect(expected.blank).toBe(3)
})

test('it has every kind of statement and four codes of refusal', () => {
  expect(Object.keys(expected.events).sort()).toEqual(kinds.filter(kind => kind !== 'experiment_attribution').sort())
  expect(Object.keys(expected.refused).sort()).toEqual(['bad_value', 'invalid_json', 'invalid_utf8', 'missing_key'])
})

test('the same seed gives the same bytes, another one others', () => {
  const digest = (seed: number) => {
    const hash = createHash('sha256')
    for (const { key, body } of sampleHistory({ ...options, seed }).objects) hash.update(key).update(body)
    return hash.digest('hex')
  }
  expect(digest(7)).toBe(digest(7))
  expect(digest(8)).not.toBe(digest(7))
})

test('objects are named and packed as Torus does it', () => {
  const listed = objects.map(({ key, body }) => ({ bucket: 'b', key, size: body.length, etag: key, lastModified: 0 }))
  const planned = inUploadOrder(torusObjects, listed, { sections: ['145', '146', '147'] })
  expect(planned).toHaveLength(objects.length)
  expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length)
  expect(planned.every(({ uploaded }) => uploaded > Date.UTC(2024, 8, 2))).toBe(true)
  expect(planned.filter(({ compression }) => compression === 'gzip').length).toBe(Math.floor(objects.length / 4))
  expect(objects.every(object => plain(object).at(-1) !== 0x0a)).toBe(true)
})

test('users are mixed, lines stand out of order, and a statement weighs about 1.5 KB', () => {
  const attempts = objects.find(({ key }) => key.includes('/attempt_evaluated/') && !key.endsWith('.gz'))!
  const statements = attempts.body
    .toString()
    .split('\n')
    .flatMap(line => (line.endsWith('"}}') ? [JSON.parse(line)] : []))
  const times = statements.map(({ timestamp }) => timestamp)
  expect(times).not.toEqual([...times].sort())
  expect(new Set(statements.map(({ actor }) => `${actor.account.homePage}|${actor.account.name}`)).size).toBeGreaterThan(5)
  const bytes = objects.reduce((sum, object) => sum + plain(object).length, 0)
  expect(bytes / expected.lines).toBeGreaterThan(1_250)
  expect(bytes / expected.lines).toBeLessThan(1_750)
})

test('a repeat stands in a later object than the statement', () => {
  const first = new Map<string, number>()
  for (const [i, object] of objects.entries())
    for (const line of plain(object).toString('latin1').split('\n')) {
      if (line === '') continue
      expect(first.get(line)).not.toBe(i)
      if (!first.has(line)) first.set(line, i)
    }
})

test('small and clean histories too', () => {
  expect(sampleHistory({ statements: 1, spoilt: 0, blank: 0, repeats: 0 }).expected.lines).toBe(1)
  expect(sampleHistory({ statements: 0, spoilt: 0, blank: 0 }).objects).toEqual([])
  expect(sampleHistory({ statements: 50, spoilt: 25, repeats: 1 }).expected).toMatchObject({ duplicates: 50, lines: 50 + 50 + 25 + 3 })
})

test('objects come one by one, so that a long history needs no memory', () => {
  const first = sampleObjects({ statements: 1_000_000_000 }).next()
  expect(first.done).toBe(false)
})
