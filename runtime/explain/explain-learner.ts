import { parsedLearnerKey, scanLearnerKey } from '../../producers/learner-key-scan.js'
import type { Kind } from '../../schemas/event.js'
import { learnerKey } from '../../schemas/learner-key.js'
import type { ManifestSection } from '../../schemas/manifest.js'
import { partitionOf } from '../../schemas/partition.js'
import { eventTopicIds, topicName } from '../../schemas/topics.js'
import { sectionHistory } from '../../sinks/history.js'
import { readLetters } from '../dead-letters/read-letters.js'
import { decodeAt, type EventAt, eventRecords, sectionRange } from './event-at.js'
import type { Explaining } from './explaining.js'
import { routePosition } from './fate.js'
import { type LearnerInDataset, learnerInDatasets } from './learner-in-datasets.js'
import { learnerRecords } from './learner-records.js'

/** What has become of all statements of one learner in one section. */
export interface ExplainedLearner {
  readonly key: string
  readonly host: string
  readonly partition: number
  /** Records in `xapi`, and what they are. */
  readonly records: number
  readonly events: Readonly<Partial<Record<Kind, number>>>
  readonly repeats: number
  readonly refused: readonly RefusedLetter[]
  /** Letters that tell nobody's name any more, but have this one in their text: they may be this learner's. */
  readonly unreadable: readonly RefusedLetter[]
  readonly waiting: number
  /** Event times, ISO. */
  readonly first: EventAt | null
  readonly last: EventAt | null
  readonly history: ManifestSection
  readonly datasets: readonly LearnerInDataset[]
}

export interface RefusedLetter {
  readonly id: string
  readonly code: string
}

export interface LearnerRequest {
  readonly name: string
  readonly section: string
  /** Null = every host that the section is known to have, or any known host. */
  readonly host: string | null
}

/** Reads the learner's partition of `xapi`, of the events of the section, of the states and of the dead letters. Memory: the learner's own events. */
export async function explainLearner(e: Explaining, { name, section, host }: LearnerRequest): Promise<readonly ExplainedLearner[]> {
  const found: ExplainedLearner[] = []
  for (const each of host === null ? hostsOf(e, section) : [host]) found.push(await explainAt(e, name, section, each))
  return found
}

/** Section ids belong to a host: the ledger knows which ones have this one. One that was not routed yet may be any host's. */
function hostsOf({ tables }: Explaining, section: string): readonly string[] {
  const all = new Set<string>()
  const own = new Set<string>()
  for (const ledger of tables.ledgers.values()) {
    if (ledger.host === null) continue
    all.add(ledger.host)
    if (ledger.section === section) own.add(ledger.host)
  }
  return [...(own.size > 0 ? own : all)].sort()
}

async function explainAt(e: Explaining, name: string, section: string, host: string): Promise<ExplainedLearner> {
  const key = learnerKey(section, host, name)
  const partition = partitionOf(Buffer.from(key), e.services.config.partitions)
  const events = await eventsOf(e, key, partition, { section, host })
  const own = new Set(events.filter(({ event }) => event.kind !== 'experiment_attribution').map(({ src }) => src?.offset))
  const { letters, unreadable } = await lettersOf(e, partition, name)
  const position = routePosition(e, partition)
  const refused: RefusedLetter[] = []
  let [records, repeats, waiting] = [0, 0, 0]
  for await (const record of learnerRecords(e, topicName('xapi', e.services.naming), partition, key)) {
    records++
    const letter = letters.get(record.offset)
    if (record.offset >= position) waiting++
    else if (letter !== undefined) refused.push(letter)
    else if (!own.has(record.offset)) repeats++
  }
  const byTime = [...events].sort((a, b) => a.event.at - b.event.at)
  const counts: Partial<Record<Kind, number>> = {}
  for (const { event } of events) counts[event.kind] = (counts[event.kind] ?? 0) + 1
  return {
    key,
    host,
    partition,
    records,
    events: counts,
    repeats,
    refused,
    unreadable,
    waiting,
    first: byTime[0] ?? null,
    last: byTime.at(-1) ?? null,
    history: historyOf(e, host, section),
    datasets: await learnerInDatasets(e, { key, partition }, events),
  }
}

async function eventsOf(
  e: Explaining,
  key: string,
  partition: number,
  scope: { readonly section: string; readonly host: string },
): Promise<readonly EventAt[]> {
  const wanted = Buffer.from(key)
  const events: EventAt[] = []
  for (const topic of eventTopicIds) {
    const range = sectionRange(e, topic, partition, scope)
    if (range === null) continue
    for await (const record of eventRecords(e, range)) if (record.key?.equals(wanted)) events.push(await decodeAt(e, range, record))
  }
  return events
}

/** Letters of the partition by the offset of their record, and those of any partition that have the name in a text without a learner key. */
async function lettersOf(
  { services }: Explaining,
  partition: number,
  name: string,
): Promise<{ readonly letters: ReadonlyMap<number, RefusedLetter>; readonly unreadable: readonly RefusedLetter[] }> {
  const letters = new Map<number, RefusedLetter>()
  const unreadable = new Map<string, RefusedLetter>()
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // Where statements have names: a mere number stands in many places.
  const word = new RegExp(`"(?:name|mbox|openid|mbox_sha1sum)"\\s*:\\s*"?${quoted}(?![\\p{L}\\p{N}])`, 'u')
  await readLetters(services, ({ id, code, from, bytes }) => {
    if (from?.partition === partition) letters.set(from.offset, { id, code })
    const hasKey = bytes === null || (scanLearnerKey(bytes) ?? parsedLearnerKey(bytes)) !== null
    if (!hasKey && word.test(bytes.toString('utf8'))) unreadable.set(id, { id, code })
  })
  return { letters, unreadable: [...unreadable.values()] }
}

function historyOf({ tables }: Explaining, host: string, section: string): ManifestSection {
  const runs = [...tables.runs].map(([id, run]) => ({
    id,
    loads: run.loads,
    started: run.startedAt,
    sealed: run.sealed === null ? null : run.endedAt,
  }))
  return sectionHistory(host, section, null, runs)
}
