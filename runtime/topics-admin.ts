import { TributaryError } from '../schemas/errors.js'
import { compactedSegments, type Naming, type TopicDeclaration, type TopicId, topicName, topics } from '../schemas/topics.js'
import type { TopicSettings } from './log.js'
import { registerSchemas } from './registry/codec.js'
import { requireGeneration } from './reset/require-generation.js'
import { requireIdRules } from './route/require-id-rules.js'
import type { Services } from './services.js'

const sevenDaysMs = 7 * 24 * 3600 * 1000

/** Room above the largest statement for the record around it and for the event made of it. */
const messageBytes = (services: Services) => services.config.maxStatementBytes + 1024 * 1024

/** Kafka's settings for a declared topic. */
export function settingsOf(declaration: TopicDeclaration, services: Services, brokers: number): TopicSettings {
  const { config, naming } = services
  const replication = config.replication || Math.min(3, brokers)
  return {
    name: topicName(declaration.id, naming),
    partitions: config.partitions,
    replication,
    config: {
      'cleanup.policy': declaration.cleanup,
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(messageBytes(services)),
      'min.insync.replicas': String(Math.max(1, replication - 1)),
      ...(declaration.cleanup === 'compact' ? compactedConfig(messageBytes(services)) : {}),
    },
  }
}

/** A segment holds at least one batch. */
const compactedConfig = (batchBytes: number) => ({
  'delete.retention.ms': String(sevenDaysMs),
  'segment.ms': String(compactedSegments.ms),
  'segment.bytes': String(Math.max(compactedSegments.bytes, 2 * batchBytes)),
})

/** With larger ones all is right, and what starts takes longer to read. */
const isOfSpeed = (name: string) => name === 'segment.ms' || name === 'segment.bytes'

export interface TopicFinding {
  readonly topic: string
  readonly problem: string
  readonly missing: boolean
  /** Nothing starts before it is put right. Else it only costs time. */
  readonly refused: boolean
  /** The setting that puts it right; null = no setting does. */
  readonly setting: readonly [name: string, value: string] | null
}

/** What keeps the topics from being used as they are; empty = all is well. Changes nothing. */
export async function checkTopics(services: Services): Promise<readonly TopicFinding[]> {
  const { brokers } = await services.log.selfTest()
  const wanted = Object.values(topics).map(declaration => ({ declaration, ...settingsOf(declaration, services, brokers) }))
  const there = await services.log.describeTopics(wanted.map(topic => topic.name))
  return wanted.flatMap((want): TopicFinding[] => {
    const found = there.get(want.name)
    const finding = { topic: want.name, missing: false, refused: true, setting: null }
    if (!found) return [{ ...finding, problem: 'does not exist', missing: true }]
    const problems = Object.entries(want.config)
      .filter(([name, value]) => !suits(want.declaration, name, value, found.config[name]))
      .map(([name, value]): TopicFinding => {
        const problem = `${name} is ${found.config[name]}, ${isOfSpeed(name) ? 'should' : 'must'} be ${value}`
        return { ...finding, problem, refused: !isOfSpeed(name), setting: [name, value] }
      })
    if (found.partitions !== want.partitions)
      problems.push({ ...finding, problem: `has ${found.partitions} partitions, must have ${want.partitions}` })
    return problems
  })
}

function suits({ cleanup, mayExpire }: TopicDeclaration, name: string, wanted: string, found: string | undefined): boolean {
  if (found === undefined) return false
  if (name === 'max.message.bytes' || name === 'delete.retention.ms' || name === 'min.insync.replicas')
    return Number(found) >= Number(wanted)
  if (isOfSpeed(name)) return Number(found) <= Number(wanted)
  // Of a compacted topic they delete nothing. Ids that are gone would let repeats in, and events that are gone would be in no new dataset.
  if (name === 'retention.ms' || name === 'retention.bytes') return cleanup === 'compact' || mayExpire === true || found === wanted
  return found === wanted
}

const textOf = (findings: readonly TopicFinding[]) => findings.map(({ topic, problem }) => `${topic} ${problem}`).join('; ')

/** Creates what is missing and registers the schemas, before any worker starts. A topic that is there and wrong refuses the start. */
export async function prepareTopics(services: Services): Promise<MadeTopics> {
  await requireGeneration(services)
  return makeTopics(services)
}

interface MadeTopics {
  readonly created: readonly string[]
  readonly slow: readonly TopicFinding[]
}

/** The same also where the topics of an older generation are: for `reset`, which has seen to what they alone hold. */
export async function makeTopics(services: Services): Promise<MadeTopics> {
  const findings = await checkTopics(services)
  const wrong = findings.filter(({ missing, refused }) => refused && !missing)
  if (wrong.length > 0) throw new TributaryError('TOPIC_MISMATCH', textOf(wrong))
  const { brokers } = await services.log.selfTest()
  const missing = new Set(findings.flatMap(finding => (finding.missing ? [finding.topic] : [])))
  if (!missing.has(topicName('route-seen', services.naming)))
    await requireIdRules(services.log, services.naming, services.config.partitions)
  const wanted = Object.values(topics).map(declaration => settingsOf(declaration, services, brokers))
  await services.log.createTopics(wanted.filter(topic => missing.has(topic.name)))
  await registerSchemas(services.registry, services.naming)
  return { created: [...missing], slow: findings.filter(({ refused }) => !refused) }
}

/** Sets what is not as it should be, on topics that are there, and creates the others. What no setting puts right refuses, before anything is changed. */
export async function applyTopics(services: Services, { dryRun }: { readonly dryRun: boolean }): Promise<readonly TopicFinding[]> {
  const findings = await checkTopics(services)
  const beyond = findings.filter(({ missing, setting }) => !missing && setting === null)
  if (beyond.length > 0) throw new TributaryError('TOPIC_MISMATCH', textOf(beyond))
  if (dryRun) return findings
  const configs = new Map<string, Record<string, string>>()
  for (const { topic, setting } of findings)
    if (setting !== null) configs.set(topic, { ...configs.get(topic), ...Object.fromEntries([setting]) })
  await services.log.configureTopics(configs)
  await prepareTopics(services)
  return findings
}

/** On the local stack, which is there to try things, what is missing is made by the first command that needs it. Elsewhere an operator does it. */
export async function prepareLocalTopics(services: Services): Promise<void> {
  if (services.config.brokers !== undefined) return
  if ((await checkTopics(services)).some(finding => finding.missing)) await prepareTopics(services)
}

/** What every worker asserts before it touches anything. */
export async function requireTopics(services: Services): Promise<void> {
  await requireGeneration(services)
  const findings = (await checkTopics(services)).filter(({ refused }) => refused)
  if (findings.length === 0) return
  throw new TributaryError(findings.some(finding => finding.missing) ? 'TOPIC_MISSING' : 'TOPIC_MISMATCH', textOf(findings))
}

export const allTopicNames = (naming: Naming) => (Object.keys(topics) as TopicId[]).map(id => topicName(id, naming))
