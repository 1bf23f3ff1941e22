import type { OtherEvent } from '../../schemas/event.js'
import { scanElements, scanJson, wantedPaths } from '../../schemas/json-scan.js'
import { extensions as ext } from '../../schemas/vocabulary.js'
import { attributionId } from './event-id.js'
import type { Fields } from './fields.js'
import { noId, type Statement } from './statement.js'

export function otherEvent(kind: 'experiment_condition_assigned' | 'other', s: Statement, fields: Fields): OtherEvent {
  if (kind === 'experiment_condition_assigned') {
    fields.id(s.context, ext.project, 'must')
    fields.id(s.context, ext.publication, 'must')
  }
  return made(kind, s, s.text)
}

const attributions = wantedPaths([['context', 'extensions', ext.experimentAttributions]])

/** More than anybody has experiments: each becomes an event, and a statement must not become thousands. */
const mostAttributions = 100

export function checkAttributions(s: Statement, fields: Fields): void {
  const list = s.context.values[ext.experimentAttributions]
  if (Array.isArray(list) && list.length > mostAttributions)
    fields.refuse('bad_value', `context.extensions experiment_attributions has more than ${mostAttributions} items`)
}

/**
 * The attributions of a statement as events of their own. They are no part of the statement's identity: Torus sends an attempt again
 * to add one, and that copy is dropped as the repeat it is, while its new attribution comes out here.
 */
export function attributionEvents(s: Statement, parent: string): readonly OtherEvent[] {
  if ((s.context.values[ext.experimentAttributions] ?? null) === null) return []
  const text = scanJson(s.text, attributions, 1)[0]
  if (text === undefined) return []
  const events = new Map<string, OtherEvent>()
  for (const json of scanElements(text) ?? [text]) {
    const id = attributionId(parent, json)
    events.set(id, { ...made('experiment_attribution', s, json), id, parent })
  }
  return [...events.values()]
}

function made(kind: OtherEvent['kind'], s: Statement, json: string): OtherEvent {
  return {
    kind,
    profile: s.profile,
    section: s.section,
    host: s.host,
    learner: s.learner,
    verb: s.verb,
    object: s.object,
    at: s.at,
    id: noId,
    json,
    parent: null,
  }
}
