import { createHash } from 'node:crypto'
import { interpret } from '../../processors/route/interpret.js'
import { replayRecord } from '../../producers/replay-record.js'
import { TributaryError } from '../../schemas/errors.js'
import type { LetterDecision } from '../../schemas/letter-decision.js'
import { topicName } from '../../schemas/topics.js'
import type { TransactionalWriter } from '../log.js'
import { readRecord } from '../read-record.js'
import type { Services } from '../services.js'
import { deciding, decisionBatches } from './decide.js'
import { eachLetter } from './each-letter.js'
import { cannotReplay, type Letter, sha256Of } from './letter.js'
import { type LetterChoice, type LetterEntry, letterTable, xapiTopicId } from './letter-table.js'

export interface ReplayOptions {
  readonly by: string
  /** Also those that the rules of this release still refuse. */
  readonly anyway: boolean
  readonly dryRun: boolean
}

export interface LeftLetter {
  readonly id: string
  readonly code: string
  readonly source: string | null
  readonly why: string
}

export interface ReplaySum {
  readonly selected: number
  /** Published now; with `dryRun` those that would be. */
  readonly replayed: readonly string[]
  /** Replayed before: nothing was done. */
  readonly before: number
  readonly left: readonly LeftLetter[]
  /** Per partition of `xapi` the last offset that was written; -1 = none. */
  readonly ends: readonly number[]
}

/** One transaction is small: while it is open nobody reads `xapi` behind it. And within one batch offsets follow one another. */
const mostBytes = 256 * 1024
const mostLetters = 200

/**
 * Publishes refused statements once more. Order of effects: 1 claim, which stops another command that decides 2 read what is decided and
 * refused, up to now 3 per some letters, in one transaction: their statements to `xapi`, and the decisions that name their offsets 4 commit.
 *
 * Broken between 3 and 4 nothing was written; after 4 the letters are decided, and the next replay leaves them alone. So each is published
 * once. That its event counts once would hold even if it were published twice: route drops what it has seen.
 */
export async function replayLetters(
  services: Services,
  choice: LetterChoice,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplaySum> {
  if (options.dryRun) return replayChosen(services, choice, options, null, signal)
  return deciding(services, tx => replayChosen(services, choice, options, tx, signal))
}

async function replayChosen(
  services: Services,
  choice: LetterChoice,
  options: ReplayOptions,
  tx: TransactionalWriter | null,
  signal: AbortSignal,
): Promise<ReplaySum> {
  const { entries } = await letterTable(services, choice)
  const open = entries.filter(({ state }) => state !== 'replayed')
  const left: LeftLetter[] = []
  const replayed: string[] = []
  const ends = Array.from({ length: services.config.partitions }, () => -1)
  const batch: Letter[] = []
  let bytes = 0
  const xapi = await xapiTopicId(services)

  async function flush(): Promise<void> {
    if (batch.length === 0) return
    if (tx !== null) await publish(services, tx, batch, { ...options, xapi }, ends)
    replayed.push(...batch.map(({ id }) => id))
    batch.length = 0
    bytes = 0
  }

  await eachLetter(services, open, async (letter, entry) => {
    if (signal.aborted) throw new TributaryError('INCOMPLETE', 'replaying dead letters was stopped')
    const whole = await wholeOf(services, letter, options.anyway)
    if (typeof whole === 'string') {
      left.push({ id: letter.id, code: entry.code, source: letter.source, why: whole })
      return
    }
    if (bytes > 0 && bytes + whole.length > mostBytes) await flush()
    // A copy: the fetched batch is gone before the transaction is full.
    batch.push({ ...letter, bytes: Buffer.from(whole) })
    bytes += whole.length
    if (batch.length >= mostLetters) await flush()
  })
  await flush()
  return { selected: entries.length, replayed, before: entries.length - open.length, left, ends }
}

/** The bytes to replay, or why there is nothing to replay. */
async function wholeOf(services: Services, letter: Letter, anyway: boolean): Promise<Buffer | string> {
  const why = cannotReplay(letter)
  if (why !== null) return why
  const bytes = letter.whole === null ? letter.bytes! : await bytesInXapi(services, letter)
  if (bytes === null) return 'only its beginning is kept, and its record is gone from xapi'
  const most = services.config.maxStatementBytes
  if (bytes.length > most && !anyway) return `still refused: too_large, ${bytes.length} bytes of at most ${most} (MAX_STATEMENT_BYTES)`
  const now = interpret(bytes, letter.assignedId === null ? {} : { assignedId: letter.assignedId })
  return now.ok || anyway ? bytes : `still refused: ${now.refusal.code}, ${now.refusal.reason}`
}

async function bytesInXapi({ log, naming }: Services, { from, whole }: Letter): Promise<Buffer | null> {
  if (from === null || from.topic !== topicName('xapi', naming)) return null
  const reader = log.reader()
  try {
    const value = (await readRecord(reader, from.topic, from.partition, from.offset))?.value ?? null
    return value !== null && createHash('sha256').update(value).digest('hex') === whole!.sha256 ? value : null
  } finally {
    await reader.close()
  }
}

/** Steps 3 and 4. */
async function publish(
  services: Services,
  tx: TransactionalWriter,
  letters: readonly Letter[],
  { by, xapi }: { readonly by: string; readonly xapi: string },
  ends: number[],
): Promise<void> {
  const topic = topicName('xapi', services.naming)
  const at = new Date(services.clock.now()).toISOString()
  const byPartition = new Map<number, { letter: Letter; record: ReturnType<typeof replayRecord> }[]>()
  for (const letter of letters) {
    const record = replayRecord({ ...letter, bytes: letter.bytes! }, services.config.partitions)
    byPartition.set(record.partition, [...(byPartition.get(record.partition) ?? []), { letter, record }])
  }
  const appended = await tx.send(
    [...byPartition].map(([partition, all]) => ({ topic, partition, records: all.map(({ record }) => record) })),
  )
  const decisions = new Map<string, LetterDecision>()
  for (const [partition, all] of byPartition) {
    const { first, last } = appended.find(each => each.partition === partition)!
    // Others write there too: where one came between, no letter knows its offset.
    if (last - first + 1 !== all.length)
      throw new TributaryError('INCOMPLETE', `replaying to ${topic}/${partition}: others wrote in between`)
    for (const [i, { letter }] of all.entries())
      decisions.set(letter.id, {
        state: 'replayed',
        sha256: sha256Of(letter),
        at,
        by,
        reason: null,
        xapi: { topicId: xapi, partition, offset: first + i },
      })
  }
  await tx.send(decisionBatches(services, decisions))
  await tx.commit()
  for (const { partition, last } of appended) ends[partition] = Math.max(ends[partition]!, last)
}

/** Of these letters those that are refused again; to be asked when route is past what was published. */
export async function refusedAgain(services: Services, choice: LetterChoice, ids: readonly string[]): Promise<readonly LetterEntry[]> {
  const replayed = new Set(ids)
  const { entries } = await letterTable(services, { ...choice, states: ['refused again'] })
  return entries.filter(({ id }) => replayed.has(id))
}
