import { lineDeadLetter, lineRecord, tooLarge } from '../../producers/line-record.js'
import { LineSplitter, type WholeLine } from '../../producers/line-splitter.js'
import { deadLetterId } from '../../schemas/dead-letter-id.js'
import { partitionOf } from '../../schemas/partition.js'

const object = { bucket: 'b', key: 'section/59/video/x.jsonl' }
const entry = { partitions: 12, received: '2025-01-01T00:00:00Z' }
const line = (text: string) => new LineSplitter(1000).push(Buffer.from(`${text}\n`))[0] as WholeLine

test('a line keeps its bytes, and its source tells where it was', () => {
  const text = '{"actor":{"account":{"homePage":"h","name":"é"}}, "x": 1.0}'
  const record = lineRecord(object, line(text), entry)
  expect(record.value.toString()).toBe(text)
  expect(record.key?.toString()).toBe('|h|é')
  expect(record.partition).toBe(partitionOf(Buffer.from('|h|é'), 12))
  expect(record.headers).toEqual([
    ['source', 's3://b/section/59/video/x.jsonl#1'],
    ['received', '2025-01-01T00:00:00Z'],
  ])
})

test('a line without a learner goes where its bytes say', () => {
  expect(lineRecord(object, line('{'), entry)).toMatchObject({ key: null, partition: partitionOf(Buffer.from('{'), 12) })
})

test('an over-long line becomes the same dead letter each time', () => {
  const [long] = new LineSplitter(10).push(Buffer.from(`${'x'.repeat(100_000)}\n`))
  if (long === undefined || !long.tooLong) throw new Error('kept')
  const record = lineDeadLetter(object, long, tooLarge(long, 10), entry)
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
