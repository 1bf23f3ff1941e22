import type { LogRecord } from '../../runtime/log.js'
import { isRevisionGone, makeSpecTable, revisionsToWrite, type SpecTable, swappedKey, swappedOut } from '../../runtime/spec-table.js'
import { parseDatasetSpec } from '../../schemas/dataset-spec.js'
import { fieldNames } from '../../sinks/format.js'
import { topology } from '../../topology.js'

function specText(freshness: number): string {
  const parsed = parseDatasetSpec({ id: 'data', kind: 'video', freshness }, { fields: fieldNames(topology.formats) })
  if (!parsed.ok) throw new Error(parsed.problems.join())
  return JSON.stringify(parsed.spec)
}

const record = (offset: number, key: string, value: string | null): LogRecord => ({
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  offset,
  timestamp: offset,
  headers: [],
})
const spec = (offset: number) => record(offset, 'data', specText(offset))

function tableOf(...records: readonly LogRecord[]): SpecTable {
  const table = makeSpecTable()
  for (const each of records) table.onRecord(each, 3)
  return table
}

function swapped(offset: number, of: LogRecord): LogRecord {
  const { key, value } = swappedOut(tableOf(of).specs.get('data')!)
  return { key, value, offset, timestamp: offset, headers: [] }
}

const written = (table: SpecTable) => revisionsToWrite(table).map(({ revision, spec: { freshness } }) => [revision, freshness])

test('the shown revision is written beside the newest, also when the topic keeps its spec no more', () => {
  const [first, second, third] = [spec(1), spec(5), spec(7)]
  const shown = swapped(2, first)
  for (const table of [tableOf(first, shown, second, third), tableOf(shown, third)]) {
    expect(written(table)).toEqual([
      [1, 1],
      [7, 7],
    ])
    expect(table.shown.get('data')).toEqual(tableOf(first).specs.get('data'))
    expect([1, 5, 7].map(revision => isRevisionGone(table, 'data', revision))).toEqual([false, false, false])
  }
  const after = tableOf(shown, third, swapped(9, third))
  expect(written(after)).toEqual([[7, 7]])
  expect([1, 5, 7].map(revision => isRevisionGone(after, 'data', revision))).toEqual([true, true, false])
})

test('a revision that was shown and not reported yet is known by its own record', () => {
  const table = tableOf(spec(1), spec(5), spec(7))
  expect([1, 5, 7, 8].map(revision => table.revision('data', revision)?.spec.freshness ?? null)).toEqual([1, 5, 7, null])
})

test('a dataset that is deleted and applied again takes up nothing of its former life', () => {
  const first = spec(1)
  const applied = [record(4, swappedKey('data'), null), spec(5)]
  for (const table of [tableOf(first, swapped(2, first), record(3, 'data', null), ...applied), tableOf(swapped(2, first), ...applied)]) {
    expect(written(table)).toEqual([[5, 5]])
    expect(table.revision('data', 1)).toBeNull()
  }
  expect(isRevisionGone(tableOf(first, record(3, 'data', null)), 'data', 1)).toBe(true)
})

test('a revision that a release without the count has shown is the first, as its spec is', () => {
  const { value, ...rest } = swapped(2, spec(1))
  const { ordinal, ...older } = JSON.parse(value!.toString()) as Record<string, unknown>
  expect(ordinal).toBe(1)
  expect(tableOf({ ...rest, value: Buffer.from(JSON.stringify(older)) }, spec(5)).revision('data', 1)?.ordinal).toBe(1)
})
