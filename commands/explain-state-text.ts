import type { ExplainedStateRow, StateBehind } from '../runtime/explain/explain-state-row.js'
import { type StateAt, stateDocument } from '../runtime/explain/state-at.js'
import { instantText } from '../schemas/dataset-spec.js'
import { learnerKeyParts } from '../schemas/learner-key.js'
import { type Naming, topicName } from '../schemas/topics.js'
import type { Pairs } from './explain-text.js'
import { count, number } from './terminal/format.js'
import { inOneLine } from './terminal/printable.js'

export function stateRowFields({ states, alike }: ExplainedStateRow): object {
  const document = (at: StateAt | null) => (at === null ? null : stateDocument(at))
  return { states: states.map(({ key, printed, now }) => ({ key, printed: document(printed), now: document(now) })), alike }
}

export function statePairs({ of, states, alike }: ExplainedStateRow, naming: Naming): Pairs {
  const shown = states.flatMap(state => behindPairs(state, naming))
  if (alike === 1) return shown
  return [['state', `of one of ${number(alike)} ${of}s that are alike in all that was compared`], ...shown]
}

function behindPairs({ key, printed, now }: StateBehind, naming: Naming): Pairs {
  const told = printed ?? now
  const { learner, host, section } = learnerKeyParts(key)
  return [
    ['state', `${inOneLine(key, 200)}${told === null ? '' : `, ${placeText(told, naming)}`}`],
    ...(told === null ? [] : [['sums up', sumText(told)] as const]),
    ...changedPairs(printed, now, naming),
    ['of', inOneLine(`student ${learner} of ${host || 'no host'} in section ${section || 'none'}`, 300)],
    ['events', inOneLine(`tributary explain --learner ${argument(learner)} --section ${argument(section)} --host ${argument(host)}`, 600)],
  ]
}

const placeText = ({ topic, partition, offset }: StateAt, naming: Naming) => `${topicName(topic, naming)}/${partition} @ ${offset}`

function sumText({ state }: StateAt): string {
  const kinds = Object.entries(state.events).sort(([, a], [, b]) => b - a)
  const total = kinds.reduce((sum, [, n]) => sum + n, 0)
  const each = kinds.map(([kind, n]) => `${number(n)} ${kind}`).join(', ')
  return `${count(total, 'event')} from ${instantText(state.first)} to ${instantText(state.last)}: ${each}`
}

function changedPairs(printed: StateAt | null, now: StateAt | null, naming: Naming): Pairs {
  if (now === null) return [['changed', 'since: the session begins earlier by now, or was joined to another']]
  if (printed === null) return [['changed', 'since: the record that the row was printed from is gone, this is the newest']]
  if (printed.offset === now.offset) return []
  return [['changed', `since: ${placeText(now, naming)} is the newest, ${sumText(now)}`]]
}

/** As a shell takes it. */
const argument = (text: string) => (/^[\w.:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
