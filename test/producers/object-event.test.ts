import { readObjectEvent } from '../../producers/object-event.js'

const record = (key: unknown, eventName: unknown = 'ObjectCreated:Put', bucket: unknown = 'uploads') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'us-east-1',
  eventTime: '2024-09-02T18:24:33.123Z',
  eventName,
  s3: { bucket: { name: bucket }, object: { key, size: 10, eTag: 'e', sequencer: '0055' } },
})
const message = (...records: unknown[]) => JSON.stringify({ Records: records })
const envelope = (body: string) => JSON.stringify({ Type: 'Notification', MessageId: 'm', TopicArn: 'arn:aws:sns:…', Message: body })
const created = (...keys: string[]) => ({ is: 'created', objects: keys.map(key => ({ bucket: 'uploads', key })) })

test('created objects, straight and in an envelope', () => {
  const two = message(record('a/1.jsonl'), record('a/2.jsonl', 'ObjectCreated:CompleteMultipartUpload'))
  expect(readObjectEvent(two)).toEqual(created('a/1.jsonl', 'a/2.jsonl'))
  expect(readObjectEvent(envelope(two))).toEqual(created('a/1.jsonl', 'a/2.jsonl'))
  expect(readObjectEvent(message(record('a/3.jsonl', 's3:ObjectCreated:Put')))).toEqual(created('a/3.jsonl'))
})

test('keys are decoded as a form encodes them', () => {
  expect(readObjectEvent(message(record('a+b/%C3%A9%2B1%25.jsonl')))).toEqual(created('a b/é+1%.jsonl'))
})

test('what creates nothing names nothing', () => {
  expect(readObjectEvent(message(record('a', 'ObjectRemoved:Delete'), record('b', 'ObjectRestore:Completed')))).toEqual(created())
  expect(readObjectEvent(message())).toEqual(created())
})

test('a bucket that tries out its notifications', () => {
  const test = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2024-09-02T18:24:33.123Z', Bucket: 'uploads' })
  expect(readObjectEvent(test)).toEqual({ is: 'test' })
  expect(readObjectEvent(envelope(test))).toEqual({ is: 'test' })
})

test.each<[string, string]>([
  ['no JSON', 'hello'],
  ['no object', '[]'],
  ['nothing', ''],
  ['another shape', '{"detail-type":"Object Created","detail":{}}'],
  ['an envelope of something else', envelope('hello')],
  ['an envelope in an envelope', envelope(envelope(message(record('a'))))],
  ['records that are no list', '{"Records":{}}'],
  ['a record that is nothing', message(null)],
  ['a key that is no text', message(record(7))],
  ['a bucket that is no text', message(record('a', 'ObjectCreated:Put', null))],
  ['a key that cannot be decoded', message(record('a%zz'))],
  ['a readable record beside one that is not', message(record('a'), record('%'))],
])('unreadable: %s', (_, body) => {
  expect(readObjectEvent(body)).toEqual({ is: 'unreadable', reason: expect.stringMatching(/./) })
})
