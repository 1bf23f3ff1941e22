import type { DatasetVerdict } from '../runtime/explain/dataset-verdicts.js'
import { type EventAt, eventDocument } from '../runtime/explain/event-at.js'
import type { ExplainedStatement } from '../runtime/explain/explain-statement.js'
import type { Fate } from '../runtime/explain/fate.js'
import { statementDocument } from '../runtime/explain/statement-at.js'
import { instantText } from '../schemas/dataset-spec.js'
import { isJson } from '../schemas/json-text.js'
import { type Naming, topicName } from '../schemas/topics.js'
import { number } from './terminal/format.js'
import { prettyJson } from './terminal/pretty-json.js'
import { inOneLine, printable } from './terminal/printable.js'
import { pairs, table } from './terminal/table.js'

export type Pairs = readonly (readonly [name: string, value: string | number | null])[]

export function eventPairs(event: EventAt, naming: Naming): Pairs {
  const { kind, at, section, host, learner } = event.event
  return [
    ['event', `${event.id}, ${topicName(event.topic, naming)}/${event.partition} @ ${event.offset}`],
    ['tells', inOneLine(`${kind} of ${instantText(at)}: student ${learner} of ${host || 'no host'} in section ${section || 'none'}`, 300)],
  ]
}

export function statementPairs(statement: ExplainedStatement['statement'], source: string | null): Pairs {
  const where = statement === null ? 'not known' : `xapi/${statement.partition} @ ${statement.offset}`
  const gone = statement !== null && statement.bytes === null ? ', gone since' : ''
  const when = statement === null || statement.appended === null ? '' : `, received ${statement.received ?? statement.appended}`
  return [
    ['statement', `${where}${when}${gone}`],
    ['source', lineText(statement?.source ?? source)],
    ...(statement?.replays ? [['replays', `dead letter ${statement.replays}`] as const] : []),
  ]
}

const lineText = (source: string | null) => (source === null ? 'produced to xapi by somebody' : inOneLine(source, 500))

const mostText = 6000

export function bodyText(bytes: Buffer | null): string[] {
  if (bytes === null) return []
  const text = bytes.toString('utf8')
  const shown = /^\s*\{/.test(text) && isJson(text) ? prettyJson(text) : text
  return ['', shown.length > mostText ? `${printable(shown.slice(0, mostText))}\n… (--json has all)` : printable(shown)]
}

export function statementExplainedDocument({ line, statement, fate, datasets }: ExplainedStatement): object {
  const found = line?.found.is === 'statement' ? { is: 'statement', text: line.found.bytes.toString('utf8') } : line?.found
  return {
    line: line === null ? null : { ...line, found },
    statement: statement === null ? null : statementDocument(statement),
    fate: fateDocument(fate),
    datasets,
  }
}

function fateDocument(fate: Fate): object {
  if (fate.is === 'event') return { is: fate.is, event: eventDocument(fate.event) }
  if (fate.is === 'repeat') return { is: fate.is, of: eventDocument(fate.of) }
  return fate.is === 'moved' ? { ...fate, copy: fate.copy === null ? null : fateDocument(fate.copy) } : fate
}

export function statementText({ line, statement, fate, datasets }: ExplainedStatement, naming: Naming): string {
  const bytes = statement?.bytes ?? (line?.found.is === 'statement' ? line.found.bytes : null)
  return [
    pairs([
      ...(line === null ? [] : linePairs(line)),
      ...(statement === null ? [] : statementPairs(statement, null).filter(([name]) => name !== 'source' || line === null)),
      ...fatePairs(fate, naming),
    ]),
    ...(datasets.length === 0 ? [] : ['', verdictsText(datasets)]),
    ...bodyText(bytes),
  ].join('\n')
}

function linePairs({ source, found, read, changed }: NonNullable<ExplainedStatement['line']>): Pairs {
  const is =
    found.is === 'statement'
      ? `${number(found.bytes.length)} bytes`
      : found.is === 'too long'
        ? `${number(found.bytes)} bytes, over the limit`
        : found.is
  return [
    ['line', `${lineText(source)} (${is})`],
    [
      'object',
      `${read === null ? 'not read to its end by any backfill' : `read at ${read.at} by run ${read.run}`}${changed ? '; it is another version now' : ''}`,
    ],
  ]
}

function fatePairs(fate: Fate, naming: Naming): Pairs {
  switch (fate.is) {
    case 'event':
      return [['fate', 'it is an event'], ...eventPairs(fate.event, naming)]
    case 'repeat':
      return [
        ['fate', 'dropped as a repeat: the event below was told before'],
        ...eventPairs(fate.of, naming),
        ['told by', lineText(fate.of.source)],
      ]
    case 'refused':
      return [
        ['fate', `refused: ${fate.letter.code}, ${inOneLine(fate.letter.reason, 300)}`],
        ['dead letter', `${fate.letter.id} (tributary dead-letters show ${fate.letter.id.slice(0, 12)})`],
      ]
    case 'waiting':
      return [['fate', `waiting: it is at xapi/${fate.at.partition} @ ${fate.at.offset}, route is at ${fate.position}`]]
    case 'moved':
      return [
        ['fate', `it was in a wrong partition and was moved to ${fate.to}`],
        ...(fate.copy === null ? [] : fatePairs(fate.copy, naming)),
      ]
    case 'marker':
      return [['fate', `a marker of backfill run ${fate.run}, no statement`]]
    case 'not in xapi':
      return [['fate', `not in xapi: ${fate.why}`]]
    case 'lost':
      return [['fate', 'route is past it, and there is no trace of it: `tributary verify --deep` says whether a promise is broken']]
  }
}

/** Datasets of other kinds have nothing to say about an event: they are named in one line. */
export function verdictsText(verdicts: readonly DatasetVerdict[]): string {
  const isOther = ({ excludedBy: [reason] }: DatasetVerdict) => reason?.includes(' has no rows of ') ?? false
  const others = verdicts.filter(isOther).map(({ dataset }) => dataset)
  const rows = verdicts.filter(verdict => !isOther(verdict)).map(verdict => [verdict.dataset, verdictText(verdict)] as const)
  return [
    ...(rows.length > 0 ? [table(['dataset', 'there'], rows)] : []),
    ...(others.length > 0 ? [`of other kinds: ${others.join(', ')}`] : []),
  ].join('\n')
}

function verdictText({ rowOf, excludedBy, place, filedUpTo, shown }: DatasetVerdict): string {
  if (excludedBy.length > 0) return inOneLine(`no: ${excludedBy.join('; ')}`, 500)
  const behind = shown === null ? '' : ' (the manifest shows an earlier revision until this one has caught up)'
  const listed = place?.inManifest === false ? ', which no manifest lists yet' : ''
  if (rowOf === 'event') {
    if (place === null) return `not yet: the sink has filed up to offset ${number(filedUpTo ?? 0)}${behind}`
    return `yes: ${place.file}#${place.row}${listed}${behind}`
  }
  if (place?.file.endsWith('/'))
    return `yes: counted in the row of its ${rowOf} in a file of ${place.file} (in which one only the pseudonym key tells)${listed}${behind}`
  if (place !== null) return `yes: counted in the row of its ${rowOf} in ${place.file}${listed}${behind}`
  if (filedUpTo === null) return 'not known: the event names no statement'
  return `not yet: the rows have what is in xapi up to offset ${number(filedUpTo)}${behind}`
}
