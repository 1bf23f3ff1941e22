import { parseExplained } from '../../../runtime/explain/places.js'

const key = 'attempts/g1-r42/events.attempt-p3/00000000000000000012-00000000000000000099-0123456789ab.csv'

test.each([[key], [`https://s3.example.org/bucket/${key}`], [`./data/${key}`], [`s3://datasets/${key}`]])('a row of %s', path => {
  expect(parseExplained(`${path}#17`)).toMatchObject({
    is: 'row',
    row: 17,
    path,
    piece: { key, dataset: 'attempts', revision: 42, partition: 3 },
  })
})

test('a line, a record, an event', () => {
  expect(parseExplained('s3://torus-xapi/section/1/video/x#y.jsonl#7')).toEqual({
    is: 'line',
    bucket: 'torus-xapi',
    key: 'section/1/video/x#y.jsonl',
    line: 7,
  })
  for (const text of ['3/1200', 'xapi/3/1200', '3@1200']) expect(parseExplained(text)).toEqual({ is: 'record', partition: 3, offset: 1200 })
  expect(parseExplained('a0280b3e3b9a9936d2bf25adc352e6f0')).toEqual({ is: 'event', id: 'a0280b3e3b9a9936d2bf25adc352e6f0' })
})

test.each([['x'], ['x#1'], [`${key}#0`], [key], ['s3://bucket#1'], ['a0280b3e'], ['']])('%j is refused', text => {
  expect(() => parseExplained(text)).toThrow('is none of')
})
