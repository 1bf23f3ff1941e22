import { TributaryError } from '../../schemas/errors.js'
import type { LetterDecision } from '../../schemas/letter-decision.js'
import { topicName } from '../../schemas/topics.js'
import type { RecordFilter } from '../inspect/record-filter.js'
import { showRecord } from '../inspect/shown-record.js'
import type { LogRecord } from '../log.js'
import { writerSchemas } from '../registry/writer-schemas.js'
import type { Services } from '../services.js'
import { requireTopics } from '../topics-admin.js'
import { type Letter, type Place, sha256Of } from './letter.js'
import type { LetterState } from './letter-states.js'
import { readDecisions, readLetters } from './read-letters.js'

/** Which letters. Null = all. */
export interface LetterChoice {
  /** Ids, or beginnings of ids of which there is only one. */
  readonly ids: readonly string[] | null
  readonly code: string | null
  /** Beginning of the source: `s3://bucket/section/145/`. */
  readonly source: string | null
  /** Refused at or after, before; ms. */
  readonly since: number | null
  readonly until: number | null
  readonly filter: RecordFilter | null
  readonly states: readonly LetterState[] | null
}

export const everyLetter: LetterChoice = { ids: null, code: null, source: null, since: null, until: null, filter: null, states: null }

/** All records of one id: a line that is refused again and again is one letter. */
export interface LetterEntry {
  readonly id: string
  /** Of the newest record. */
  readonly code: string
  readonly at: Place
  readonly refusedAt: number
  readonly refusals: number
  readonly state: LetterState
}

interface Account {
  code: string
  at: Place
  refusedAt: number
  refusals: number
  /** The newest record is chosen. */
  chosen: boolean
  /** The newest record has the bytes that the decision is about. */
  decided: boolean
  /** One of the records is that of the replay. */
  again: boolean
}

export interface LetterTable {
  readonly decisions: ReadonlyMap<string, LetterDecision>
  /** The chosen ones, newest first. */
  readonly entries: readonly LetterEntry[]
}

/** Folds `dead-letters` and what is decided about them, as of now. Bytes are not kept: about 300 bytes for each letter. */
export async function letterTable(services: Services, choice: LetterChoice): Promise<LetterTable> {
  await requireTopics(services)
  const decisions = await readDecisions(services)
  const xapi = await xapiTopicId(services)
  const choose = chooser(services, choice)
  const accounts = new Map<string, Account>()
  await readLetters(services, async (letter, record) => {
    const { id, code, at, refusedAt } = letter
    if (choice.ids !== null && !choice.ids.some(prefix => id.startsWith(prefix))) return
    const decision = decisions.get(id)
    const again = decision?.xapi?.topicId === xapi && samePlace(decision.xapi, letter.from)
    const known = accounts.get(id)
    if (known !== undefined) {
      known.refusals++
      known.again ||= again
      if (known.refusedAt > refusedAt) return
    }
    const decided = decision !== undefined && decision.sha256 === sha256Of(letter)
    const newest = { code, at, refusedAt, decided, chosen: await choose(letter, record) }
    if (known === undefined) accounts.set(id, { ...newest, refusals: 1, again })
    else Object.assign(known, newest)
  })
  if (choice.ids !== null) requireEach(choice.ids, [...accounts.keys()])
  const entries: LetterEntry[] = []
  for (const [id, account] of accounts) {
    const state = stateOf(account, decisions.get(id), xapi)
    const { code, at, refusedAt, refusals } = account
    if (account.chosen && (choice.states?.includes(state) ?? true)) entries.push({ id, code, at, refusedAt, refusals, state })
  }
  return { decisions, entries: entries.sort((a, b) => b.refusedAt - a.refusedAt || (a.id < b.id ? -1 : 1)) }
}

/** Positions are those of one topic: one that was made anew has others. */
export async function xapiTopicId({ log, naming }: Services): Promise<string> {
  const xapi = topicName('xapi', naming)
  const topic = (await log.describeTopics([xapi])).get(xapi)
  if (topic === undefined) throw new TributaryError('TOPIC_MISSING', xapi)
  return topic.id
}

const samePlace = (a: Place, b: Place | null) => b !== null && a.partition === b.partition && a.offset === b.offset

function stateOf({ decided, again }: Account, decision: LetterDecision | undefined, xapi: string): LetterState {
  if (decision === undefined || !decided) return again ? 'refused again' : 'open'
  if (decision.state === 'discarded') return 'discarded'
  // What was replayed into a topic that is gone is gone with it.
  if (decision.xapi?.topicId !== xapi) return 'open'
  return again ? 'refused again' : 'replayed'
}

/** Every id that was given is there, once. */
function requireEach(given: readonly string[], ids: readonly string[]): void {
  for (const prefix of given) {
    const found = ids.filter(id => id.startsWith(prefix))
    if (found.length === 1) continue
    const what = found.length === 0 ? `there is no dead letter ${prefix}` : `${found.length} dead letters begin with ${prefix}`
    throw new TributaryError('WRONG_USAGE', `${what}; \`tributary dead-letters list\` shows them`)
  }
}

function chooser(services: Services, choice: LetterChoice): (letter: Letter, record: LogRecord) => Promise<boolean> | boolean {
  const { code, source, since, until, filter } = choice
  const topic = { id: 'dead-letters', name: topicName('dead-letters', services.naming) } as const
  const schemas = writerSchemas(services.registry)
  return (letter, record) => {
    if (code !== null && letter.code !== code) return false
    if (source !== null && !(letter.source ?? '').startsWith(source)) return false
    if ((since !== null && letter.refusedAt < since) || (until !== null && letter.refusedAt >= until)) return false
    return filter === null ? true : showRecord(topic, letter.at.partition, record, schemas).then(filter)
  }
}
