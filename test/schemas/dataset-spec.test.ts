import { type DatasetKind, datasetKinds } from '../../schemas/dataset-kinds.js'
import {
  canonicalSpec,
  type DatasetSpec,
  instantMicros,
  instantText,
  leastChunkSize,
  parseDatasetSpec,
} from '../../schemas/dataset-spec.js'
import { expectGolden, readGolden } from '../sinks/golden.js'
import { seeded } from './random.js'

const usual = datasetKinds.map(kind => [kind, ['user_id']])
const fields = {
  ...(Object.fromEntries(usual) as Record<DatasetKind, readonly string[]>),
  attempt_evaluated: ['user_id', 'score', 'response'],
  video: ['user_id', 'video_url'],
  learners: ['user_id', 'sessions'],
}
const parse = (value: unknown) => parseDatasetSpec(value, { fields })

function specOf(value: object): DatasetSpec {
  const parsed = parse(value)
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return parsed.spec
}
const canonical = (value: object) => canonicalSpec(specOf(value))

it('fills in what is not given', () => {
  expect(specOf({ id: 'algebra', kind: 'video' })).toEqual({
    id: 'algebra',
    kind: 'video',
    section_ids: null,
    host: null,
    page_ids: null,
    sub_types: null,
    ignored_student_ids: [],
    enforce_project_id: null,
    from: null,
    to: null,
    exclude_fields: [],
    format: 'csv',
    chunk_size: 50_000,
    dialect: 'plain',
    freshness: 10,
    anonymize: true,
  })
})

it('tells every mistake of every spec at once, in plain words', () => {
  const specs = JSON.parse(readGolden('spec/mistakes.json')) as unknown[]
  const told = specs.map(spec => {
    const parsed = parse(spec)
    return [JSON.stringify(spec), ...(parsed.ok ? ['  (no mistake)'] : parsed.problems.map(problem => `  ${problem}`))].join('\n')
  })
  expectGolden('spec/mistakes.txt', `${told.join('\n\n')}\n`)
  expect(told.join()).not.toContain('(no mistake)')
})

it('is the same request in whatever words', () => {
  const one = canonical({
    id: 'a',
    kind: 'attempt_evaluated',
    section_ids: [10, '9', 9],
    page_ids: ['2', 1],
    host: 'HTTPS://Torus.Example.edu/',
    sub_types: ['page_attempt_evaluted', 'part_attempt_evaluted'],
    exclude_fields: ['score', 'response', 'score'],
    from: '2024-09-01T02:00:00+02:00',
    anonymize: true,
  })
  const other = canonical({
    from: '2024-09-01',
    sub_types: ['part_attempt_evaluated', 'page_attempt_evaluated', 'part_attempt_evaluated'],
    exclude_fields: ['response', 'score'],
    host: 'torus.example.edu',
    page_ids: [1, 2],
    section_ids: ['9', '10'],
    chunk_size: 50_000,
    to: null,
    kind: 'attempt_evaluated',
    id: 'a',
  })
  expect(one).toBe(other)
  expect(one).toBe(
    '{"id":"a","kind":"attempt_evaluated","section_ids":["9","10"],"host":"torus.example.edu","page_ids":["1","2"],"sub_types":["page_attempt_evaluated","part_attempt_evaluated"],"ignored_student_ids":[],"from":"2024-09-01T00:00:00Z","exclude_fields":["score","response"],"format":"csv","chunk_size":50000,"dialect":"plain","freshness":10,"anonymize":true}',
  )
})

it('comes back from its canonical text', () => {
  const spec = specOf({ id: 'a', kind: 'video', section_ids: [1], sub_types: ['played'], to: '2024-09-01T00:00:00.5Z', anonymize: 'ids' })
  expect(specOf(JSON.parse(canonicalSpec(spec)) as object)).toEqual(spec)
})

it('differs where the request differs', () => {
  const base = { id: 'a', kind: 'attempt_evaluated' }
  const others: object[] = [
    {},
    { section_ids: [1] },
    { page_ids: [1] },
    { host: 'h' },
    { sub_types: ['part_attempt_evaluated'] },
    { ignored_student_ids: [1] },
    { enforce_project_id: 1 },
    { from: '2024-09-01' },
    { to: '2024-09-01' },
    { exclude_fields: ['score'] },
    { chunk_size: 1 },
    { dialect: 'torus' },
    { freshness: 1 },
    { anonymize: 'ids' },
  ]
  expect(new Set(others.map(other => canonical({ ...base, ...other }))).size).toBe(others.length)
})

it('takes the words of the old job where they mean something', () => {
  expect(specOf({ id: 'a', kind: 'attempt_evaluated', page_ids: 'all' }).page_ids).toBeNull()
  expect(specOf({ id: 'a', kind: 'page_viewed', sub_types: ['page_viewed'] }).sub_types).toBeNull()
})

it.each([
  ['2024-09-01', 1_725_148_800_000_000],
  ['2024-09-01T00:00:00Z', 1_725_148_800_000_000],
  ['2024-09-01T02:30+02:30', 1_725_148_800_000_000],
  ['2024-08-31T23:00:00-01:00', 1_725_148_800_000_000],
  ['2024-09-01T00:00:00.000001Z', 1_725_148_800_000_001],
  ['1969-12-31T23:59:59.5Z', -500_000],
])('reads the instant %s', (text, micros) => {
  expect(instantMicros(text)).toBe(micros)
  expect(instantMicros(instantText(micros))).toBe(micros)
})

it('prints instants as Date does', () => {
  const random = seeded(1)
  const ends = [-(2 ** 52), 2 ** 53 - 2, 0, -1, 951_782_400_000_000, -2_203_891_200_000_000]
  for (const micros of [...ends, ...Array.from({ length: 5000 }, () => random.below(13_510_798_882_111_486) - 2 ** 52)]) {
    const fraction = ((micros % 1e6) + 1e6) % 1e6
    const whole = new Date((micros - fraction) / 1000).toISOString().slice(0, 19)
    expect(instantText(micros)).toBe(fraction === 0 ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0')}Z`)
  }
})

it.each([
  '',
  '2024',
  '2024-02-30',
  '2023-02-29',
  '2024-13-01',
  '2024-09-01T24:00:00Z',
  '2024-09-01T00:60:00Z',
  '2024-09-01T00:00:60Z',
  '2024-09-01T00:00:00',
  '2024-09-01 00:00:00Z',
  '2024-09-01T00:00:00.1234567Z',
  '2024-09-01T00:00:00+24:00',
  ' 2024-09-01',
])('does not take %j for an instant', text => {
  expect(instantMicros(text)).toBeNull()
})

it('refuses files of few rows where people ask for a dataset, and reads what was applied before', () => {
  const given = { id: 'a', kind: 'page_viewed', chunk_size: 999 }
  expect(parseDatasetSpec(given, { fields })).toMatchObject({ ok: true, spec: { chunk_size: 999 } })
  expect(parseDatasetSpec(given, { fields, leastChunkSize })).toEqual({
    ok: false,
    problems: ['chunk_size: must be at least 1000, since every file is an upload (given: 999)'],
  })
  for (const more of [{ chunk_size: 1000 }, { chunk_size: undefined }])
    expect(parseDatasetSpec({ ...given, ...more }, { fields, leastChunkSize }).ok).toBe(true)
  expect(parseDatasetSpec({ id: 'a', kind: 'learners' }, { fields, leastChunkSize }).ok).toBe(true)
})
