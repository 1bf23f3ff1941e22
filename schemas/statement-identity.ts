import type { Profile } from './event.js'
import { idText, type JsonObject, objectOf, wellFormed } from './json-value.js'
import { boundedLearnerKey, maxLearnerKeyBytes, normalHost } from './learner-key.js'
import type { Refusal } from './refusal.js'
import { activityTypes, extensions } from './vocabulary.js'

/** Whose statement it is. */
export interface Actor {
  readonly host: string
  readonly name: string
}

/** In which course run, and by whose rules it is judged. */
export interface Scope {
  readonly profile: Profile
  readonly section: string
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value
}

const missing = (what: string): Refusal => ({ code: 'missing_key', reason: `${what} is absent` })
const bad = (what: string): Refusal => ({ code: 'bad_value', reason: what })

const otherIdentities = ['mbox', 'openid', 'mbox_sha1sum'] as const

export function actorOf(statement: JsonObject): Actor | Refusal {
  const actor = objectOf(statement.actor)
  if (actor.account !== undefined && actor.account !== null) return accountOf(objectOf(actor.account))
  for (const key of otherIdentities) {
    const value = actor[key]
    if (value === undefined || value === null) continue
    return typeof value === 'string' && value !== '' ? { host: '', name: wellFormed(value) } : bad(`actor ${key} is not text`)
  }
  return missing('actor account, mbox, openid or mbox_sha1sum')
}

function accountOf({ homePage, name }: JsonObject): Actor | Refusal {
  if (homePage === undefined || homePage === null) return missing('actor.account homePage')
  if (typeof homePage !== 'string') return bad('actor.account homePage is not text')
  if (name === undefined || name === null) return missing('actor.account name')
  const text = idText(name)
  if (text === undefined || text === '') return bad('actor.account name is neither text nor an exact integer')
  return { host: normalHost(wellFormed(homePage)), name: text }
}

/** The Torus section key makes a statement Torus's, whatever else it is; without it the parent course is the section. */
export function scopeOf(statement: JsonObject): Scope | Refusal {
  const context = objectOf(statement.context)
  const value = objectOf(context.extensions)[extensions.section]
  if (value === undefined) return { profile: 'xapi', section: courseOf(objectOf(context.contextActivities).parent) }
  if (value === null) return { code: 'missing_key', reason: 'context.extensions section_id is null' }
  const section = idText(value)
  return section === undefined ? bad('context.extensions section_id is neither text nor an exact integer') : { profile: 'torus', section }
}

/** xAPI 1.0 allows one parent or several. */
export function courseOf(parent: unknown): string {
  for (const each of Array.isArray(parent) ? (parent as unknown[]) : [parent]) {
    const activity = objectOf(each)
    if (typeof activity.id === 'string' && objectOf(activity.definition).type === activityTypes.course) return wellFormed(activity.id)
  }
  return ''
}

/** Whose record it is. */
export function keyOf({ host, name }: Actor, { section }: Scope): string | Refusal {
  return boundedLearnerKey(section, host, name) ?? bad(`actor and section make a key of more than ${maxLearnerKeyBytes} bytes`)
}

/** Null = the statement has none, and route will say why. */
export function statementKey(statement: JsonObject): string | null {
  const actor = actorOf(statement)
  const scope = scopeOf(statement)
  const key = isRefusal(actor) || isRefusal(scope) ? null : keyOf(actor, scope)
  return typeof key === 'string' ? key : null
}
