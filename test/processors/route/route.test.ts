import { addAppended, addOutcome, type Ledger, newLedger, restore, skipTo, toRouteLedger } from '../../../processors/route/ledger.js'
import { type Outcome, type RouteInput, route } from '../../../processors/route/route.js'
import { seenKey } from '../../../processors/route/seen-key.js'
import { encodeMarker } from '../../../schemas/marker.js'
import { partitionOf } from '../../../schemas/partition.js'
import { mostSections, type RouteLedger, routeLedgerKey } from '../../../schemas/route-ledger.js'
import { topicOfKind } from '../../../schemas/topics.js'
import { type Random, seeded } from '../../schemas/random.js'
import { accepted, changed, context, statements } from './statements.js'

const partitions = 3
const placeOf = (text: string) => partitionOf(Buffer.from(accepted(text).key), partitions)
const record = (text: string, more: Partial<RouteInput> = {}): RouteInput => ({
  value: Buffer.from(text),
  partition: placeOf(text),
  ...more,
})
const maxBytes = 4 << 20
const never = { partitions, maxBytes, seen: () => false }
const always = { partitions, maxBytes, seen: () => true }

describe('step', () => {
  const text = statements.page_attempt_attributed!

  test('a new statement is an event with its derived ones', () => {
    expect(route.step(record(text), never)).toMatchObject({
      outcome: 'event',
      key: '59|proton.oli.test|7',
      event: { kind: 'page_attempt' },
      derived: [{}, {}],
    })
  })

  test('a repeat is a duplicate, but brings what is new in it', () => {
    const event = seenKey(accepted(text).event)
    expect(route.step(record(text), { partitions, maxBytes, seen: key => key.equals(event) })).toMatchObject({
      outcome: 'duplicate',
      derived: [{}, {}],
    })
    expect(route.step(record(text), always)).toMatchObject({ outcome: 'duplicate', derived: [] })
  })

  test('a record in the wrong partition is moved once', () => {
    const wrong = { partition: (placeOf(text) + 1) % partitions }
    expect(route.step(record(text, wrong), never)).toEqual({ outcome: 'misplaced', key: '59|proton.oli.test|7', partition: placeOf(text) })
    expect(route.step(record(text, { ...wrong, placed: '0/9' }), never)).toMatchObject({
      outcome: 'dead-letter',
      refusal: { code: 'misplaced_twice' },
      section: '59',
    })
    expect(route.step(record(text, { placed: '0/9' }), never)).toMatchObject({ outcome: 'event' })
  })

  test('a refused record is a dead letter wherever it lies', () => {
    expect(route.step({ value: Buffer.from('{'), partition: 1 }, never)).toMatchObject({
      outcome: 'dead-letter',
      refusal: { code: 'invalid_json' },
    })
  })

  test('markers', () => {
    const marker = { kind: 'end', run: 'r1', partition: 2 } as const
    expect(route.step({ value: encodeMarker(marker), partition: 2, marker: 'end' }, never)).toEqual({ outcome: 'marker', marker })
    const bad = { outcome: 'dead-letter', refusal: { code: 'bad_value' } }
    expect(route.step({ value: encodeMarker(marker), partition: 1, marker: 'end' }, never)).toMatchObject(bad)
    for (const value of [
      '{}',
      '{"kind":"x","run":"r","partition":1}',
      '{"kind":"end","run":"","partition":1}',
      '{"kind":"end","run":"r","partition":"1"}',
      'x',
    ])
      expect(route.step({ value: Buffer.from(value), partition: 1, marker: 'end' }, never)).toMatchObject(bad)
    expect(route.step({ value: null, partition: 1, marker: 'end' }, never)).toMatchObject(bad)
    expect(route.step({ value: encodeMarker(marker), partition: 2 }, never)).toMatchObject({
      outcome: 'dead-letter',
      refusal: { code: 'missing_key' },
    })
  })
})

test('seen keys begin with the day of the event', () => {
  const event = { id: '00112233445566778899aabbccddeeff', at: 86_400_000_000 * 258 + 1 }
  expect(seenKey(event).toString('hex')).toBe('010200112233445566778899aabbccdd')
  expect(seenKey({ ...event, at: -1 }).readUInt16BE()).toBe(0)
  expect(seenKey({ ...event, at: Number.MAX_SAFE_INTEGER }).readUInt16BE()).toBe(65535)
})

/** The loop in small: one partition, staged keys, offsets per topic. */
function run(records: readonly RouteInput[], ledger: Ledger = newLedger(0)): { rows: string[]; ledger: Ledger; outcomes: Outcome[] } {
  const seen = new Set<string>()
  const ends = new Map<string, number>()
  const rows: string[] = []
  const outcomes = records.map((each, offset) => {
    const outcome = route.step(each, { partitions: 1, maxBytes, seen: key => seen.has(key.toString('hex')) })
    addOutcome(ledger, outcome, { offset, received: 1000 + offset })
    if (outcome.outcome !== 'event' && outcome.outcome !== 'duplicate') return outcome
    for (const event of outcome.outcome === 'event' ? [outcome.event, ...outcome.derived] : outcome.derived) {
      const topic = topicOfKind[event.kind]
      const at = ends.get(topic) ?? 0
      ends.set(topic, at + 1)
      seen.add(seenKey(event).toString('hex'))
      addAppended(ledger, event, at)
      rows.push(event.id)
    }
    return outcome
  })
  return { rows: rows.sort(), ledger, outcomes }
}

const sumOf = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0)
const corpus = (random: Random): RouteInput[] => {
  const good = Object.values(statements)
  const bad = ['{', '', changed('page_viewed', context('page_id'), undefined), changed('part_attempt', ['actor'], undefined)]
  const texts = random.shuffle([...good, ...bad, ...good.filter(() => random.below(2) === 0)])
  const marker = { value: encodeMarker({ kind: 'end', run: 'r', partition: 0 }), partition: 0, marker: 'end' }
  return [...texts.map(text => ({ value: Buffer.from(text), partition: 0 })), marker]
}

test('any order and any repetition gives the same rows, and the sum is right', () => {
  const expected = run(corpus(seeded(0))).rows
  for (let seed = 1; seed < 60; seed++) {
    const { rows, ledger } = run(corpus(seeded(seed)))
    expect({ seed, rows }).toEqual({ seed, rows: expected })
    const [total, ...sections] = toRouteLedger(ledger) as [RouteLedger, ...RouteLedger[]]
    const counted = total.markers + total.misplaced + sumOf(total.events) + total.duplicates + sumOf(total.deadLetters)
    expect(counted).toBe(total.position!.records)
    expect(total.derived + sumOf(total.events)).toBe(rows.length)
    expect(sumOf(total.events)).toBe(sections.reduce((sum, each) => sum + sumOf(each.events), 0))
    expect(total.position!.ends).toEqual(Object.fromEntries(Object.entries(total.spans).map(([topic, span]) => [topic, span.last + 1])))
  }
})

test('the books can be restored from what was written, and share nothing with it', () => {
  const { ledger } = run(corpus(seeded(7)))
  const written = toRouteLedger(ledger)
  const frozen = JSON.stringify(written)
  expect(toRouteLedger(ledger)).toHaveLength(1)
  const restored = newLedger(0)
  for (const each of [...written, written[1]!]) restore(restored, each)
  expect(restored).toEqual(ledger)
  const outcome = route.step({ value: Buffer.from(statements.page_viewed!), partition: 0 }, { partitions: 1, maxBytes, seen: () => false })
  addOutcome(restored, outcome, { offset: 100, received: 5 })
  skipTo(restored, 105)
  addAppended(restored, { kind: 'page_viewed', host: 'proton.oli.test', section: '59' }, 900)
  expect(JSON.stringify(written)).toBe(frozen)
  const [total, section, ...none] = toRouteLedger(restored)
  expect(none).toEqual([])
  expect(total!.position).toMatchObject({ next: 105, records: written[0]!.position!.records + 1, received: written[0]!.position!.received })
  expect(section).toMatchObject({ host: 'proton.oli.test', section: '59', spans: { 'events.page-viewed': { last: 900 } }, position: null })
  expect(routeLedgerKey(section!)).toBe('0|proton.oli.test|59')
})

test('a refusal counts for its section when that is known', () => {
  const { ledger } = run([
    { value: Buffer.from(changed('page_viewed', context('page_id'), undefined)), partition: 0 },
    { value: Buffer.from('{'), partition: 0 },
  ])
  const [total, section] = toRouteLedger(ledger)
  expect(total!.deadLetters).toEqual({ missing_key: 1, invalid_json: 1 })
  expect(section).toMatchObject({ section: '59', deadLetters: { missing_key: 1 }, events: {} })
})

test('what is longer than a statement may be is refused unread', () => {
  const text = Buffer.from(statements.page_viewed!)
  const partition = placeOf(statements.page_viewed!)
  for (const marker of [undefined, 'end'])
    expect(route.step({ value: text, partition, marker }, { ...never, maxBytes: text.length - 1 })).toEqual({
      outcome: 'dead-letter',
      refusal: { code: 'too_large', reason: `${text.length} bytes of at most ${text.length - 1}; only the beginning is kept` },
      host: null,
      section: null,
    })
  expect(route.step({ value: text, partition }, { ...never, maxBytes: text.length })).toMatchObject({ outcome: 'event' })
})

test('a reason repeats nothing that anybody may have written into a header', () => {
  const wrong = { partition: (placeOf(statements.page_viewed!) + 1) % partitions }
  const reasonOf = (placed: string) => {
    const outcome = route.step(record(statements.page_viewed!, { ...wrong, placed }), never)
    return outcome.outcome === 'dead-letter' ? outcome.refusal.reason : outcome
  }
  expect(reasonOf('2/17')).toMatch(/^moved from 2\/17, belongs in partition \d$/)
  for (const placed of ['', 'ann@test', '1/2/3', '1'.repeat(100)]) expect(reasonOf(placed)).toMatch(/^moved from somewhere, belongs in/)
})

test('beyond so many sections the rest is counted together, and nothing is lost by it', () => {
  const ledger = newLedger(0)
  const { event } = accepted(statements.page_viewed!)
  let offset = 0
  const tell = (section: string) => {
    const told = { ...event, section } as typeof event
    addOutcome(ledger, { outcome: 'event', key: '', event: told, derived: [] }, { offset: offset++, received: 1 })
    addAppended(ledger, told, offset)
  }
  for (let n = 0; n < mostSections + 50; n++) tell(`s${n}`)
  tell('s7')
  const [total, ...sections] = toRouteLedger(ledger) as [RouteLedger, ...RouteLedger[]]
  const rest = sections.filter(each => each.rest)
  expect(sections).toHaveLength(mostSections + 1)
  expect(rest).toMatchObject([{ host: null, section: null, events: { page_viewed: 50 }, position: null }])
  expect(sumOf(total.events)).toBe(sections.reduce((sum, each) => sum + sumOf(each.events), 0))
  expect(sections.find(({ section }) => section === 's7')!.events).toEqual({ page_viewed: 2 })
  expect(new Set(sections.map(routeLedgerKey)).size).toBe(sections.length)

  const restored = newLedger(0)
  for (const each of [total, ...sections]) restore(restored, each)
  expect(restored).toEqual(ledger)
})
