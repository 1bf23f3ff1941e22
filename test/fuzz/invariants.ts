import Papa from 'papaparse'
import { interpret } from '../../processors/route/interpret.js'
import { parsedLearnerKey, scanLearnerKey } from '../../producers/learner-key-scan.js'
import { parseDatasetSpec } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import { topicOfKind, topics } from '../../schemas/topics.js'
import { type EventFormat, fieldNames, isSnapshot, type Renderer } from '../../sinks/format.js'
import { topology } from '../../topology.js'
import { factOf } from '../../verify/deep/fact.js'
import { avroTypeOf } from '../schemas/avro-type.js'

/** `expect` costs more than all that is tested here. */
function same(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`)
}

/** Whatever the bytes are: they have one outcome, and everybody on the way finds the same in them. Returns the event's id, or why there is none. */
export function judge(line: Buffer): string {
  const read = interpret(line, {})
  const key = scanLearnerKey(line)
  if (!read.ok) {
    const { code, reason } = read.refusal
    if (code === 'unforeseen' || !/^[\w .,;-]{8,120}$/.test(reason)) throw new Error(`refused: ${code} ${reason}`)
    factOf(line, undefined)
    return code
  }
  if (key !== null) same('the key by scanning', key, read.key)
  same('the key by parsing', parsedLearnerKey(line), read.key)
  const fact = factOf(line, undefined)
  const { kind, id } = read.event
  same(
    'the fact',
    [fact?.kind, fact?.learnerKey, fact?.id.toString('hex'), fact?.derived.map(each => each.toString('hex'))],
    [kind, read.key, id, read.derived.map(each => each.id)],
  )
  for (const event of [read.event, ...read.derived]) same('the event through Avro', throughAvro(event), event)
  for (const renderer of renderers) if (renderer.accepts(read.event)) expectRow(renderer, read.event)
  return read.event.id
}

function throughAvro(event: Event): unknown {
  const type = avroTypeOf(topics[topicOfKind[event.kind]].avro!)
  return type.fromBuffer(type.toBuffer(event))
}

const fields = fieldNames(topology.formats)
const ofEvents = topology.formats.flatMap(format => (isSnapshot(format) ? [] : [format]))
const renderers = ofEvents.flatMap(format => (['torus', 'plain'] as const).map(dialect => rendererOf(format, dialect)))

function rendererOf(format: EventFormat, dialect: 'torus' | 'plain'): Renderer<Event> & { readonly dialect: string } {
  const parsed = parseDatasetSpec({ id: 'd', kind: format.kind, dialect, anonymize: 'ids' }, { fields })
  if (!parsed.ok) throw new Error(parsed.problems.join())
  return { ...format.render(parsed.spec, (_host, name) => name), dialect }
}

/** Cells that are a field as it is, by column. */
const cells: Readonly<Record<string, (event: never) => string | null>> = {
  user_id: ({ learner }: Event) => learner,
  section_id: ({ section }: Event) => section,
  page_attempt_guid: ({ pageAttemptGuid }: Extract<Event, { kind: 'page_viewed' }>) => pageAttemptGuid,
  part_id: ({ partId }: Extract<Event, { partId: unknown }>) => partId,
  video_title: ({ title }: Extract<Event, { title: unknown }>) => title,
  video_url: ({ object }: Event) => object,
}

/** A reader of CSV that knows nothing of ours finds one row with the cells that were meant. */
function expectRow(renderer: Renderer<Event> & { readonly dialect: string }, event: Event): void {
  const row = Buffer.from(renderer.row(event)).toString()
  // Some readers end a row at a bare carriage return.
  same('line ends outside of quotes', row.replace(/"(?:[^"]|"")*"/g, '').match(/[\r\n]/g), ['\n'])
  const { data, errors } = Papa.parse<string[]>(row, { delimiter: ',', newline: '\n' })
  same('the row', [errors, data.length, data[0]!.length, data[1]], [[], 2, renderer.columns.length, ['']])
  for (const [i, column] of renderer.columns.entries()) {
    const cell = cells[column]
    if (cell !== undefined) same(column, data[0]![i], cell(event as never) ?? '')
  }
  if (renderer.dialect === 'plain' && event.kind === 'part_attempt')
    for (const [column, written] of [
      ['response', event.response],
      ['feedback', event.feedback],
    ] as const) {
      const cell = data[0]![renderer.columns.indexOf(column)]!
      same(column, cell === '' ? null : JSON.parse(cell), written === null ? null : JSON.parse(written))
    }
}
