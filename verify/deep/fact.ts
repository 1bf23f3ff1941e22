import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { activityTypes, extensions as ext } from '../../schemas/vocabulary.js'
import { microsOf } from './instants.js'
import { idOf, type Json, part, textOf } from './json-parts.js'
import { jsonTree, sortedText, treeAt } from './json-tree.js'
import { ownParts } from './own-parts.js'
import { statementKind } from './statement-kind.js'

/** Which fact a statement tells, whether or not it keeps all rules: those that it breaks are route's to find. */
export interface Fact {
  readonly host: string
  readonly section: string
  readonly learnerKey: string
  readonly kind: string
  readonly id: Buffer
  /** Ids of the experiment attributions that it brings. */
  readonly derived: readonly Buffer[]
}

/** The identity that is frozen in `processors/route/event-id.ts`, made a second time. Null: the bytes can be no event. */
export function factOf(value: Buffer | null, assignedId: string | undefined): Fact | null {
  if (value === null || !isUtf8(value)) return null
  const text = value.toString('utf8')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
  return told(text, parsed as Json, assignedId)
}

function told(text: string, statement: Json, assignedId: string | undefined): Fact | null {
  const actor = actorOf(part(statement.actor))
  const torus = idOf(part(part(statement.context).extensions)[ext.section])
  const section = torus ?? courseOf(part(part(statement.context).contextActivities).parent)
  const verb = textOf(part(statement.verb).id)
  const object = textOf(part(statement.object).id)
  const at = typeof statement.timestamp === 'string' ? microsOf(statement.timestamp) : null
  if (actor === null || verb === null || object === null || at === null) return null
  const kind = statementKind(verb, part(part(statement.object).definition).type)
  const common = [kind, actor.host, section, actor.name, verb, object, at].map(field).join('')
  const own = textOf(statement.id) ?? assignedId ?? null
  const other = kind === 'other' || kind === 'experiment_condition_assigned'
  const ending = other ? field(own ?? sortedText(jsonTree(text))) : torus === null && own !== null ? field(own) : ''
  const id = hashed(common + ownParts(kind, statement, text).map(field).join('') + ending)
  const learnerKey = [section, actor.host, actor.name].map(escaped).join('|')
  return { host: actor.host, section, learnerKey, kind, id, derived: derivedOf(statement, text, id) }
}

function actorOf(actor: Json): { readonly host: string; readonly name: string } | null {
  if ((actor.account ?? null) === null) {
    const name = [actor.mbox, actor.openid, actor.mbox_sha1sum].find(each => (each ?? null) !== null)
    return typeof name === 'string' && name !== '' ? { host: '', name: name.toWellFormed() } : null
  }
  const { homePage, name } = part(actor.account)
  const text = idOf(name)
  if (typeof homePage !== 'string' || text === null || text === '') return null
  const host = homePage
    .toWellFormed()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/\/+$/, '')
  return { host, name: text }
}

function courseOf(parent: unknown): string {
  const courses = [parent].flat().map(part)
  const found = courses.find(each => typeof each.id === 'string' && part(each.definition).type === activityTypes.course)
  return textOf(found?.id) ?? ''
}

function derivedOf(statement: Json, text: string, parent: Buffer): Buffer[] {
  if ((part(part(statement.context).extensions)[ext.experimentAttributions] ?? null) === null) return []
  const tree = treeAt(jsonTree(text), ['context', 'extensions', ext.experimentAttributions])
  const each = tree === undefined ? [] : (tree.items ?? [tree])
  const lists = new Set(each.map(item => ['experiment_attribution', parent.toString('hex'), sortedText(item)].map(field).join('')))
  return [...lists].map(hashed)
}

function field(value: string | number | null): string {
  if (value === null) return '-'
  return typeof value === 'string' ? `t${value.length}:${value}` : `n${value};`
}

const hashed = (fields: string) => createHash('sha256').update(fields, 'utf8').digest().subarray(0, 16)
const escaped = (name: string) => name.replaceAll('%', '%25').replaceAll('|', '%7C')
