import { eventDocument } from '../runtime/explain/event-at.js'
import type { ExplainedEventRow, ExplainedRow } from '../runtime/explain/explain-row.js'
import type { RowInFile } from '../runtime/explain/row-in-file.js'
import { statementDocument } from '../runtime/explain/statement-at.js'
import type { Naming } from '../schemas/topics.js'
import { statePairs, stateRowFields } from './explain-state-text.js'
import { bodyText, eventPairs, type Pairs, statementPairs } from './explain-text.js'
import { number } from './terminal/format.js'
import { inOneLine } from './terminal/printable.js'
import { pairs } from './terminal/table.js'

export function rowDocument(explained: ExplainedRow): object {
  const { of, piece, row, cells, applied, rules, listed, personCompared } = explained
  return {
    file: piece.key,
    row,
    of,
    cells: Object.fromEntries(cells),
    ...(explained.of === 'event' ? eventRowFields(explained) : stateRowFields(explained)),
    dataset: { id: applied.spec.id, revision: applied.revision, appliedAt: new Date(applied.appliedAt).toISOString(), spec: applied.spec },
    rules,
    listed,
    personCompared,
  }
}

function eventRowFields({ event, statement, repeats }: ExplainedEventRow): object {
  return { event: eventDocument(event), statement: statement === null ? null : statementDocument(statement), repeats }
}

export function rowText(explained: ExplainedRow, naming: Naming): string {
  const { piece, row, cells } = explained
  const ofEvent = explained.of === 'event'
  return [
    `row ${number(row)} of ${piece.key}`,
    pairs(cells.map(([column, cell]) => [`  ${column}`, inOneLine(cell, 160)])),
    '',
    pairs([
      ...(ofEvent
        ? [...eventPairs(explained.event, naming), ...statementPairs(explained.statement, explained.event.source)]
        : statePairs(explained, naming)),
      ...filePairs(explained),
      ...(ofEvent ? [['repeats', repeatsText(explained.repeats)] as const] : []),
    ]),
    ...(ofEvent ? bodyText(explained.statement?.bytes ?? null) : []),
  ].join('\n')
}

function filePairs({ applied: { spec, ordinal, appliedAt }, rules, listed, personCompared }: RowInFile): Pairs {
  return [
    ['dataset', `${spec.id}, kind ${spec.kind}, revision ${ordinal} of ${new Date(appliedAt).toISOString()}`],
    ['spec', specText(spec)],
    [
      'rules',
      rules.file === null || rules.file === rules.release
        ? `${rules.release}`
        : `${rules.file} in the file, ${rules.release} in this release`,
    ],
    ...(listed ? [] : [['file', 'not listed now: its rows are in a newer file, or its revision is gone'] as const]),
    ...(personCompared ? [] : [['person', 'not compared: the pseudonym key is not at hand'] as const]),
  ]
}

function repeatsText(repeats: ExplainedEventRow['repeats']): string {
  if (repeats === null) return 'not looked for (--repeats)'
  if (repeats.length === 0) return 'none'
  return repeats
    .map(({ partition, offset, source }) => `xapi/${partition} @ ${offset}${source === null ? '' : ` (${inOneLine(source, 200)})`}`)
    .join(', ')
}

/** What differs from the defaults says most; all of it is in --json. */
function specText(spec: RowInFile['applied']['spec']): string {
  const given = Object.entries(spec).filter(
    ([name, value]) => name !== 'id' && name !== 'kind' && value !== null && !(Array.isArray(value) && value.length === 0),
  )
  return inOneLine(given.map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`).join('; '), 400)
}
