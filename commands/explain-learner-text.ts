import type { EventAt } from '../runtime/explain/event-at.js'
import type { ExplainedLearner, LearnerRequest } from '../runtime/explain/explain-learner.js'
import type { LearnerInDataset } from '../runtime/explain/learner-in-datasets.js'
import { instantText } from '../schemas/dataset-spec.js'
import { count, number } from './terminal/format.js'
import { inOneLine } from './terminal/printable.js'
import { pairs, table } from './terminal/table.js'

const time = (at: EventAt | null) => (at === null ? null : instantText(at.event.at))

export function learnerDocument({ first, last, ...learner }: ExplainedLearner): object {
  return { ...learner, first: time(first), last: time(last) }
}

export function learnersText(found: readonly ExplainedLearner[], { name, section }: LearnerRequest): string {
  const seen = found.filter(({ records, unreadable }) => records > 0 || unreadable.length > 0)
  if (seen.length > 0) return seen.map(learnerText).join('\n\n')
  const hosts = found.map(({ host }) => host || 'none').join(', ')
  return [
    inOneLine(
      `no statement of student ${name} in section ${section} is in xapi (${hosts === '' ? 'no host is known yet' : `hosts: ${hosts}`})`,
      400,
    ),
    ...(found[0] === undefined ? [] : [`history of the section: ${historyText(found[0])}`]),
    'Where it may be:',
    `  under another name      tributary inspect xapi --filter 'name~${name}'`,
    `  refused and unreadable  tributary dead-letters list --filter '${name}'`,
    `  not read yet            tributary backfill --bucket BUCKET --section ${section} --dry-run`,
  ].join('\n')
}

function learnerText(learner: ExplainedLearner): string {
  const { key, partition, records, events, repeats, refused, unreadable, waiting, datasets } = learner
  const kinds = Object.entries(events).sort(([, a], [, b]) => b - a)
  return [
    pairs([
      ['learner key', `${inOneLine(key, 200)} (partition ${partition})`],
      ['statements', `${number(records)} in xapi${waiting > 0 ? `, of which ${number(waiting)} wait for route` : ''}`],
      ['events', kinds.map(([kind, n]) => `${number(n)} ${kind}`).join(', ') || 'none'],
      ['from, to', learner.first === null ? null : `${time(learner.first)}, ${time(learner.last)}`],
      ['repeats', `${number(repeats)} dropped`],
      ['refused', refused.length === 0 ? 'none that tell this student' : lettersText(refused)],
      ...(unreadable.length === 0 ? [] : [['unreadable', `may be theirs, their text has the name: ${lettersText(unreadable)}`] as const]),
      ['history', historyText(learner)],
    ]),
    '',
    table(
      ['dataset', 'rows', 'in no file yet', 'left out'],
      datasets.map(each => [each.dataset, each.rows, notFiledCell(each), leftOutText(each)]),
    ),
  ].join('\n')
}

const mostLetters = 5

function lettersText(letters: ExplainedLearner['refused']): string {
  const shown = letters.slice(0, mostLetters).map(({ id, code }) => `${code} ${id.slice(0, 12)}`)
  return `${shown.join(', ')}${letters.length > mostLetters ? ` … ${number(letters.length)} in all` : ''} (tributary dead-letters show ID)`
}

function historyText({ history }: ExplainedLearner): string {
  const { history: state, runs, otherRuns = 0 } = history
  return `${state}${runs.length > 0 ? ` (${count(runs.length + otherRuns, 'backfill run')}, the last ${runs.at(-1)!.id})` : ': no backfill has read the section'}`
}

/** A row of a snapshot that has changed since is in a file, but not as it is. */
function notFiledCell({ rowOf, notFiled }: LearnerInDataset): string | number {
  return rowOf === 'event' || notFiled === 0 ? notFiled : `${number(notFiled)}, new or changed since`
}

function leftOutText({ excluded, kind }: LearnerInDataset): string | null {
  const parts = Object.entries(excluded).map(([filter, { events, says }]) =>
    filter === 'kind' ? `${number(events)} of kinds that ${kind} has no rows of` : `${number(events)} by ${says}`,
  )
  return parts.length === 0 ? null : inOneLine(parts.join('; '), 400)
}
