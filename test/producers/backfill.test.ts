import { addObject, isBalanced, newObjectCounts, noRunCounts, runMarkers } from '../../producers/backfill-ledger.js'
import { backfillDeadLetter, backfillRecord, tooLarge } from '../../producers/backfill-record.js'
import { LineSplitter, type WholeLine } from '../../producers/line-splitter.js'
import { deadLetterId } from '../../schemas/dead-letter-id.js'
import { parseMarker } from '../../schemas/marker.js'
import { partitionOf } from '../../schemas/partition.js'

const object = { bucket: 'b', key: 'section/59/video/x.jsonl' }
const entry = { partitions: 12, received: '2025-01-01T00:00:00Z' }
const line = (text: string) => new LineSplitter(1000).push(Buffer.from(`${text}\n`))[0] as WholeLine

test('a line keeps its bytes, and its source tells where it was', () => {
  const text = '{"actor":{"account":{"homePage":"h","name":"é"}}, "x": 1.0}'
  const record = backfillRecord(object, line(text), entry)
  expect(record.value.toString()).toBe(text)
  expect(record.key?.toString()).toBe('|h|é')
  expect(record.partition).toBe(partitionOf(Buffer.from('|h|é'), 12))
  expect(record.headers).toEqual([
    ['source', 's3://b/section/59/video/x.jsonl#1'],
    ['received', '2025-01-01T00:00:00Z'],
  ])
})

test('a line without a learner goes where its bytes say', () => {
  expect(backfillRecord(object, line('{'), entry)).toMatchObject({ key: null, partition: partitionOf(Buffer.from('{'), 12) })
})

test('an over-long line becomes the same dead letter each time', () => {
  const [long] = new LineSplitter(10).push(Buffer.from(`${'x'.repeat(100_000)}\n`))
  if (long === undefined || !long.tooLong) throw new Error('kept')
  const record = backfillDeadLetter(object, long, tooLarge(long, 10), entry)
  const id = deadLetterId({ object: 's3://b/section/59/video/x.jsonl', line: 1 })
  expect(record.key?.toString()).toBe(id)
  expect(record.value).toHaveLength(65536)
  expect(Object.fromEntries(record.headers)).toMatchObject({
    id,
    code: 'too_large',
    source: 's3://b/section/59/video/x.jsonl#1',
    reason: expect.stringContaining(long.sha256),
  })
})

test('markers go to every partition', () => {
  const markers = runMarkers('r', 'sealed', 3)
  expect(markers.map(each => parseMarker(each.value))).toEqual([0, 1, 2].map(partition => ({ kind: 'sealed', run: 'r', partition })))
  expect(markers.map(each => each.partition)).toEqual([0, 1, 2])
  expect(markers[0]!.headers).toEqual([['marker', 'sealed']])
})

test('the counts of a run are the sum of its objects', () => {
  const counts = { ...newObjectCounts(), lines: 10, blank: 2, published: 7, refused: { too_large: 1 } }
  const run = addObject(addObject(noRunCounts, 100, counts), 50, { ...counts, lines: 11, refused: { too_large: 1, cut_off: 1 } })
  expect(run).toEqual({ objects: 2, skipped: 0, bytes: 150, lines: 21, blank: 4, published: 14, refused: { too_large: 2, cut_off: 1 } })
  expect(isBalanced(run)).toBe(true)
  expect(isBalanced({ ...run, lines: 20 })).toBe(false)
})
