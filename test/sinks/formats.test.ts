import Papa from 'papaparse'
import { type DatasetSpec, parseDatasetSpec } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import type { Format, Renderer } from '../../sinks/format.js'
import { attemptEvaluated } from '../../sinks/formats/attempt-evaluated.js'
import { pageViewed } from '../../sinks/formats/page-viewed.js'
import { video } from '../../sinks/formats/video.js'
import { pseudonymIdentity } from '../../sinks/identity.js'
import { expectGolden, readGolden } from './golden.js'

const formats = [attemptEvaluated, pageViewed, video]
const fields = { attempt_evaluated: attemptEvaluated.fields, page_viewed: pageViewed.fields, video: video.fields }
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

const render = (format: Format, more: object = {}): Renderer => format.render(specOf(format.kind, more), identity)
const fileOf = ({ head, tail, row }: Renderer, events: readonly Event[]) => head + events.map(event => row(event)).join('') + tail

/** A reader that knows nothing of ours; it must find the same shape. */
function parsed(csv: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(csv, { delimiter: ',', newline: '\n', skipEmptyLines: false })
  expect(errors).toHaveLength(0)
  expect(data.pop()).toEqual([''])
  return data
}

describe.each(formats)('$kind', format => {
  const events = eventsOf(format.kind)

  it.each(['torus', 'plain'] as const)('prints %s cells byte for byte', dialect => {
    const csv = fileOf(render(format, { dialect }), events)
    expectGolden(`${format.kind}/out.${dialect}.csv`, csv)
    const rows = parsed(csv)
    expect(rows[0]).toEqual(format.fields)
    expect(rows.map(row => row.length)).toEqual(Array(events.length + 1).fill(format.fields.length))
  })

  it('accepts all of these events and renders them the same after others', () => {
    const renderer = render(format)
    expect(events.every(event => renderer.accepts(event))).toBe(true)
    const forwards = events.map(event => renderer.row(event))
    const backwards = [...events].reverse().map(event => renderer.row(event))
    expect(backwards.reverse()).toEqual(forwards)
  })

  it('leaves out exactly the excluded columns', () => {
    const whole = parsed(fileOf(render(format), events))
    for (const name of format.fields) {
      const at = format.fields.indexOf(name)
      const without = parsed(fileOf(render(format, { exclude_fields: [name] }), events))
      expect(without).toEqual(whole.map(row => row.toSpliced(at, 1)))
    }
  })

  it('writes a row even when its only cell is empty', () => {
    const renderer = render(format, { exclude_fields: format.fields.filter(name => name !== 'page_attempt_guid') })
    const rows = events.map(event => renderer.row(event))
    expect(rows).toContain('""\n')
    expect(parsed(renderer.head + rows.join(''))).toHaveLength(events.length + 1)
  })

  it("prints the source's own ids when asked to", () => {
    const rows = parsed(fileOf(render(format, { anonymize: 'ids' }), events))
    expect(rows).toHaveLength(events.length + 1)
  })
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
