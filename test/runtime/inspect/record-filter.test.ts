import { parseFilter } from '../../../runtime/inspect/record-filter.js'
import type { ShownRecord } from '../../../runtime/inspect/shown-record.js'

const statement = {
  actor: { account: { homePage: 'one.oli.test', name: 42 } },
  context: { extensions: { 'http://oli.cmu.edu/extensions/section_id': 145, 'http://oli.cmu.edu/extensions/project_id': null } },
  result: { score: { raw: 1.5 }, response: 'a "wrong" answer' },
  tags: ['red', 'green'],
}

const record = (text = JSON.stringify(statement)): ShownRecord => ({
  topic: 'xapi',
  partition: 3,
  offset: 1200,
  timestamp: Date.UTC(2025, 0, 2),
  key: '145|one.oli.test|42',
  headers: { source: 's3://bucket/section/145/x.jsonl#7', code: 'missing_key' },
  valueBytes: 0,
  content: { as: 'json', text },
})

const holds = (filter: string, value: unknown = statement) => parseFilter(filter)(record(JSON.stringify(value)))

test.each([
  ['name=42'],
  ['account.name=42'],
  ['value.actor.account.name=42'],
  ['section_id=145'],
  ['extensions.section_id=145'],
  ['project_id=null'],
  ['code=missing_key'],
  ['headers.code=missing_key'],
  ['partition=3 offset>1199 offset<=1200'],
  ['raw>=1.5 raw<10'],
  ['appended>2025-01-01 appended<2025-01-03'],
  ['response~WRONG'],
  ['response="a \\"wrong\\" answer"'],
  ['tags=green'],
  ['section_id!=146'],
  ['nowhere!=1'],
  ['x.jsonl#7'],
  ['"section/145" name=42'],
  ['oli.test|42'],
])('%s holds', filter => {
  expect(holds(filter)).toBe(true)
})

test.each([
  ['name=4'],
  ['account=42'],
  ['ection_id=145'],
  ['name=42 section_id=146'],
  ['tags!=green'],
  ['nowhere=1'],
  ['raw>2'],
  ['offset<1200'],
  ['response~right'],
  ['nothing-of-this'],
])('%s does not hold', filter => {
  expect(holds(filter)).toBe(false)
})

test('text is found in damaged bytes too', () => {
  const content = { as: 'bytes', bytes: Buffer.concat([Buffer.from('{"name":4201,"'), Buffer.from([0xe9])]), problem: null } as const
  expect(parseFilter('4201')({ ...record(), key: null, headers: {}, content })).toBe(true)
})

test('numbers are compared as numbers, other values as text', () => {
  expect([holds('a>9', { a: 10 }), holds('a>9', { a: '10' }), holds('a>b', { a: 'c' }), holds('a>9', { a: '' })]).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test('any nesting, and values that are no objects', () => {
  const deep = `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`
  expect([parseFilter('a.a=1')(record(deep)), holds('value=7', 7), holds('value=x', ['w', 'x'])]).toEqual([true, true, true])
})

test.each([['a="b'], [''], ['  ']])('%j is refused', filter => {
  expect(() => parseFilter(filter)).toThrow('WRONG_USAGE')
})
