import Papa from 'papaparse'
import { type DatasetSpec, parseDatasetSpec } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import { type Format, isSnapshot, type Renderer } from '../../sinks/format.js'
import { pseudonymIdentity } from '../../sinks/identity.js'
import { topology } from '../../topology.js'
import { fields } from './fields.js'
import { expectGolden, readGolden } from './golden.js'

const identity = pseudonymIdentity(Buffer.from('a key for tests only'))

function specOf(kind: string, more: object = {}): DatasetSpec {
  const parsed = parseDatasetSpec({ id: 'd', kind, ...more }, { fields })
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return parsed.spec
}

function eventsOf(kind: string): Event[] {
  const { base, events } = JSON.parse(readGolden(`${kind}/events.json`)) as { base: object; events: object[] }
  return events.map(event => ({ id: Buffer.alloc(16), ...base, ...event }) as unknown as Event)
}

/** Whatever a format prints, as a renderer of plain records. */
const printer = (format: Format, more: object = {}) => format.render(specOf(format.kind, more), identity) as unknown as Renderer<object>
const recordsOf = (format: Format): readonly object[] =>
  isSnapshot(format) ? (JSON.parse(readGolden(`${format.kind}/states.json`)) as object[]) : eventsOf(format.kind)
const fileOf = <Record>({ head, tail, row }: Renderer<Record>, records: readonly Record[]) =>
  head + records.map(record => row(record)).join('') + tail

/** A reader that knows nothing of ours; it must find the same shape. */
function parsed(csv: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(csv, { delimiter: ',', newline: '\n', skipEmptyLines: false })
  expect(errors).toHaveLength(0)
  expect(data.pop()).toEqual([''])
  return data
}

describe.each(topology.formats)('$kind', format => {
  const records = recordsOf(format)
  const names = format.fields.map(({ name }) => name)

  it.each(['torus', 'plain'] as const)('prints %s cells byte for byte', dialect => {
    const csv = fileOf(printer(format, { dialect }), records)
    expectGolden(`${format.kind}/out.${dialect}.csv`, csv)
    const rows = parsed(csv)
    expect(rows[0]).toEqual(names)
    expect(rows.map(row => row.length)).toEqual(Array(records.length + 1).fill(names.length))
  })

  it('by default has times of one width and format, and JSON that parses as it stands', () => {
    const [, ...rows] = parsed(fileOf(printer(format), records))
    for (const [i, { type }] of format.fields.entries()) {
      const cells = rows.map(row => row[i]!).filter(cell => cell !== '')
      if (type === 'time') for (const cell of cells) expect(cell).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      if (type === 'JSON') for (const cell of cells) JSON.parse(cell)
      if (type === 'list') expect(cells.every(cell => Array.isArray(JSON.parse(cell)))).toBe(true)
    }
  })

  it('accepts all of these records and renders them the same after others', () => {
    const renderer = printer(format)
    expect(records.every(record => renderer.accepts(record))).toBe(true)
    const forwards = records.map(record => renderer.row(record))
    const backwards = [...records].reverse().map(record => renderer.row(record))
    expect(backwards.reverse()).toEqual(forwards)
  })

  it('leaves out exactly the excluded columns', () => {
    const whole = parsed(fileOf(printer(format), records))
    for (const name of names) {
      const at = names.indexOf(name)
      const without = parsed(fileOf(printer(format, { exclude_fields: [name] }), records))
      expect(without).toEqual(whole.map(row => row.toSpliced(at, 1)))
    }
  })

  it('names columns of its own as the key of its rows, in which no two are alike', () => {
    if (!isSnapshot(format)) return
    const [head, ...rows] = parsed(fileOf(printer(format), records))
    const at = format.row.key.map(name => head!.indexOf(name))
    expect(at.every(i => i >= 0)).toBe(true)
    expect(new Set(rows.map(row => at.map(i => row[i]).join('|'))).size).toBe(records.length)
  })

  it("prints the source's own ids when asked to", () => {
    const rows = parsed(fileOf(printer(format, { anonymize: 'ids' }), records))
    expect(rows).toHaveLength(records.length + 1)
  })
})

it.each(['attempt_evaluated', 'page_viewed', 'video'] as const)('%s: writes a row even when its only cell is empty', kind => {
  const format = topology.formats.find(each => each.kind === kind)!
  const records = recordsOf(format)
  const renderer = printer(format, { exclude_fields: fields[kind].filter(name => name !== 'page_attempt_guid') })
  const rows = records.map(record => renderer.row(record))
  expect(rows).toContain('""\n')
  expect(parsed(renderer.head + rows.join(''))).toHaveLength(records.length + 1)
})

it('double wrapping comes off: one pair of quotes, then JSON', () => {
  const rows = parsed(readGolden('attempt_evaluated/out.torus.csv'))
  const column = rows[0]!.indexOf('response')
  const answers = rows.slice(1).flatMap(row => (row[column] === '' ? [] : [row[column]!.slice(1, -1)]))
  expect(answers.length).toBeGreaterThan(5)
  for (const answer of answers) JSON.parse(answer)
})

it('plain cells are JSON as they stand and say the same', () => {
  const [torus, plain] = ['torus', 'plain'].map(dialect => parsed(readGolden(`attempt_evaluated/out.${dialect}.csv`)))
  const column = torus![0]!.indexOf('response')
  for (const [i, row] of plain!.entries()) {
    if (i === 0 || row[column] === '') continue
    expect(JSON.stringify(JSON.parse(row[column]!))).toBe(JSON.stringify(JSON.parse(torus![i]![column]!.slice(1, -1))))
  }
})
