import { isUtf8 } from 'node:buffer'
import type { Event, OtherEvent } from '../../schemas/event.js'
import { objectOf, parseObject } from '../../schemas/json-value.js'
import type { Refusal } from '../../schemas/refusal.js'
import { actorOf, isRefusal, keyOf, scopeOf } from '../../schemas/statement-identity.js'
import { kindOf } from '../../schemas/vocabulary.js'
import { attemptEvent } from './attempt-event.js'
import { eventId, usesStatementId } from './event-id.js'
import { Fields } from './fields.js'
import { attributionEvents, checkAttributions, otherEvent } from './other-event.js'
import { pageViewedEvent } from './page-viewed-event.js'
import type { Statement } from './statement.js'
import { parseTimestamp } from './timestamp.js'
import { tutorMessageEvent } from './tutor-message-event.js'
import { videoEvent } from './video-event.js'

export type Interpreted =
  | {
      readonly ok: true
      /** Learner key. */
      readonly key: string
      readonly event: Event
      /** One for each different attribution, see `attributionEvents`. */
      readonly derived: readonly OtherEvent[]
    }
  | {
      readonly ok: false
      readonly refusal: Refusal
      /** Whose ledger it belongs in, as far as that is known. */
      readonly host: string | null
      readonly section: string | null
    }

type Refused = Extract<Interpreted, { ok: false }>

interface Header {
  readonly assignedId?: string | undefined
}

/**
 * Bytes → event, or why not. The statement is parsed here, once, and nowhere after. It never throws: the same bytes would throw again,
 * and nobody behind them would be heard. The reason has the kind of the error alone, as its message may repeat what somebody wrote.
 */
export function interpret(value: Buffer | null, header: Header): Interpreted {
  try {
    return read(value, header)
  } catch (error) {
    return refused({ code: 'unforeseen', reason: `it could not be read (${(error as Error).name})` })
  }
}

function read(value: Buffer | null, header: Header): Interpreted {
  if (value === null) return refused({ code: 'invalid_json', reason: 'the record has no value' })
  if (!isUtf8(value)) return refused({ code: 'invalid_utf8', reason: 'the bytes are not UTF-8' })
  const text = value.toString('utf8')
  const parsed = parseObject(text)
  if (parsed === undefined) return refused({ code: 'invalid_json', reason: 'the text is not a JSON object' })

  const actor = actorOf(parsed)
  const scope = scopeOf(parsed)
  const host = isRefusal(actor) ? null : actor.host
  const section = isRefusal(scope) ? null : scope.section
  if (isRefusal(actor)) return refused(actor, host, section)
  if (isRefusal(scope)) return refused(scope, host, section)
  const key = keyOf(actor, scope)
  if (typeof key !== 'string') return refused(key)

  const fields = new Fields(scope.profile === 'torus')
  const object = objectOf(parsed.object)
  const definition = objectOf(object.definition)
  const result = objectOf(parsed.result)
  const verb = fields.iri({ where: 'verb', values: objectOf(parsed.verb) }, 'id')
  const statement: Statement = {
    text,
    parsed,
    kind: kindOf(verb, definition.type),
    profile: scope.profile,
    section: scope.section,
    host: actor.host,
    learner: actor.name,
    verb,
    object: fields.iri({ where: 'object', values: object }, 'id'),
    at: timeOf(parsed, fields),
    definition: { where: 'object.definition', values: definition },
    context: { where: 'context.extensions', values: objectOf(objectOf(parsed.context).extensions) },
    result: { where: 'result', values: result },
    resultExtensions: { where: 'result.extensions', values: objectOf(result.extensions) },
  }
  const event = eventOf(statement, fields)
  const own = usesStatementId(event)
    ? (fields.text({ where: 'statement', values: parsed }, 'id', 'optional') ?? header.assignedId ?? null)
    : null
  checkAttributions(statement, fields)
  if (fields.refusal !== null)
    return refused(fields.refusal, host, section)
    // The one write into an event: its id is a hash of all that is in it.
  ;(event as { id: string }).id = eventId(event, own)
  return { ok: true, key, event, derived: attributionEvents(statement, event.id) }
}

function refused(refusal: Refusal, host: string | null = null, section: string | null = null): Refused {
  return { ok: false, refusal, host, section }
}

function timeOf(parsed: Statement['parsed'], fields: Fields): number {
  const text = fields.text({ where: 'statement', values: parsed }, 'timestamp', 'always')
  if (text === null) return 0
  return parseTimestamp(text) ?? fields.refuse('bad_value', 'statement timestamp is not an ISO 8601 time between 1827 and 2255') ?? 0
}

function eventOf(statement: Statement, fields: Fields): Event {
  const { kind } = statement
  switch (kind) {
    case 'part_attempt':
    case 'activity_attempt':
    case 'page_attempt':
      return attemptEvent(kind, statement, fields)
    case 'page_viewed':
      return pageViewedEvent(statement, fields)
    case 'video_played':
    case 'video_paused':
    case 'video_seeked':
    case 'video_completed':
      return videoEvent(kind, statement, fields)
    case 'tutor_message':
      return tutorMessageEvent(statement, fields)
    case 'experiment_condition_assigned':
      return otherEvent(kind, statement, fields)
    default:
      return otherEvent('other', statement, fields)
  }
}
