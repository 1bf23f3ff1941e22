import { createHash, createHmac } from 'node:crypto'
import type { Manifest } from '../../schemas/manifest.js'
import { type AnyEvent, datasetRules, type EventSpec, type WrittenSpec } from './dataset-rules.js'
import { printed } from './instants.js'

type Cell = (event: AnyEvent) => string | number | null | undefined

/**
 * Columns whose cell is a field as it is: who, when, where, which try. Not compared are those with a notation of their own (JSON, lists,
 * fractions): golden files pin these, and to print them again here would repeat the product.
 */
const plain: Readonly<Record<string, Cell>> = {
  section_id: event => event.section,
  project_id: event => event.project,
  publication_id: event => event.publication,
  page_id: event => event.page,
  page_attempt_guid: event => event.pageAttemptGuid,
  page_attempt_number: event => event.pageAttemptNumber,
  activity_id: event => event.activity,
  activity_revision_id: event => event.activityRevision,
  activity_attempt_guid: event => event.activityAttemptGuid,
  activity_attempt_number: event => event.activityAttemptNumber,
  part_id: event => event.partId,
  part_attempt_guid: event => event.partAttemptGuid,
  part_attempt_number: event => event.partAttemptNumber,
  content_element_id: event => event.contentElement,
  video_url: event => event.object,
  video_title: event => event.title,
}

/** By column what an event's cell must say; columns that are not compared are absent. */
export function expectedCells(spec: EventSpec, manifest: Manifest, pseudonymKey: string | null): ReadonlyMap<string, Cell> {
  const cells = new Map(Object.entries(plain))
  cells.set('timestamp', event => printed(event.at, spec.dialect))
  cells.set('event_type', event => datasetRules[spec.kind].kinds[event.kind]?.[1])
  const person = expectedPerson(spec, manifest, pseudonymKey)
  if (person !== null) cells.set('user_id', person)
  return cells
}

/** What `user_id` must say; null = not known here, for want of the key. */
export function expectedPerson(
  spec: WrittenSpec,
  manifest: Manifest,
  pseudonymKey: string | null,
): ((of: { readonly host: string; readonly learner: string }) => string) | null {
  if (spec.anonymize === 'ids') return ({ learner }) => learner
  if (pseudonymKey === null || fingerprint(pseudonymKey) !== manifest.producedBy.pseudonymKey) return null
  return ({ host, learner }) => pseudonym(pseudonymKey, host, learner)
}

function fingerprint(key: string): string {
  return createHash('sha256').update(`tributary pseudonym key\n${key}`).digest('hex').slice(0, 16)
}

/** `p` and 26 letters of base32 (RFC 4648, lower case), five bits each, of HMAC-SHA-256(key, `host|name`). */
function pseudonym(key: string, host: string, name: string): string {
  const person = [host, name].map(part => part.replaceAll('%', '%25').replaceAll('|', '%7C')).join('|')
  const digest = createHmac('sha256', key).update(person).digest('hex')
  const bits = [...digest].map(digit => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')
  const letters = bits.slice(0, 130).match(/.{5}/g) ?? []
  return `p${letters.map(five => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five, 2)]).join('')}`
}
