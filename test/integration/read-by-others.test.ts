import { spawnSync } from 'node:child_process'
import { discardLetters } from '../../runtime/dead-letters/discard.js'
import { everyLetter } from '../../runtime/dead-letters/letter-table.js'
import { headerText, type LogRecord } from '../../runtime/log.js'
import { headers as headerNames } from '../../schemas/headers.js'
import { positionPrefix } from '../../schemas/state-records.js'
import { groupedRoles, groupName, type TopicDeclaration, topicName, topics } from '../../schemas/topics.js'
import { findCommand } from '../../stack/command-path.js'
import { stockClient } from '../driver/avro-consumer.js'
import { lagging } from '../driver/group-offsets.js'
import { kafkaUi } from '../driver/kafka-ui.js'
import { jsonl, torusKey } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { recordsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { statesOf } from '../driver/states.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'
import { statements } from '../processors/route/statements.js'

const declared: readonly TopicDeclaration[] = Object.values(topics)

/** A record in every topic. What a history with every kind of statement, a spoilt line and a dataset does not fill belongs here. */
async function fillTopics(world: World): Promise<void> {
  const stop = startRoles(world)
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  await world.put([{ key: torusKey(145, 'attempt_evaluated', 0), body: jsonl([...Object.values(statements), '{"spoilt']) }])
  await world.backfill()
  await world.complete('attempts')
  await statesOf(world)
  await discardLetters(world.services, everyLetter, { by: 'a test', reason: 'spoilt on purpose', dryRun: false })
  // What is read twice below must not grow in between.
  await stop()
}

type Found = LogRecord & { readonly partition: number }
const hasValue = (record: Found): record is Found & { readonly value: Buffer } => record.value !== null

/** What kcat, which knows neither us nor JavaScript, makes of a topic; of each record what tells it from all others. */
function kcatReads(kcat: string, world: World, topic: TopicDeclaration): unknown[] {
  const broker = world.services.addresses.brokers[0]!
  const args = [
    '-C',
    '-e',
    '-q',
    '-J',
    '-X',
    'isolation.level=read_committed',
    '-b',
    broker,
    '-t',
    topicName(topic.id, world.services.naming),
  ]
  const { status, stdout, stderr } = spawnSync(kcat, args, { encoding: 'utf8', timeout: 30_000, maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${kcat} ${args.join(' ')}: ${status} ${stderr}`)
  const lines = stdout.split('\n').filter(line => line !== '')
  return lines
    .map(line => JSON.parse(line) as { partition: number; offset: number; key: string | null; payload: string | null })
    .map(({ partition, offset, key, payload }) => seen(topic, partition, offset, key, payload))
}

/** Bytes that are no text have no form in JSON. */
const seen = (topic: TopicDeclaration, partition: number, offset: number, key: string | null, value: string | null) =>
  topic.avro === undefined && topic.bytes === undefined ? { partition, offset, key, value } : { partition, offset }

const inOrder = (records: readonly unknown[]) => records.map(record => JSON.stringify(record)).sort()

test('other tools read every topic: Avro by the schema that it names, the rest as text; so does kcat', async () => {
  const world = await makeWorld({ partitions: 2 })
  await fillTopics(world)
  const ui = kafkaUi(world.services.addresses.registry)
  const kcat = await findCommand('kcat', process.env)
  const problems: string[] = []
  for (const topic of declared) {
    const records = await recordsOf(world, topic.id)
    const looks = await Promise.all(
      records.filter(hasValue).map(async record => {
        const { value, problems } = await ui.look(topic, topicName(topic.id, world.services.naming), record)
        return { value, problems: problems.map(problem => `${topic.id} ${record.partition}/${record.offset}: ${problem}`) }
      }),
    )
    problems.push(...looks.flatMap(look => look.problems))
    if (looks.length === 0) problems.push(`${topic.id}: no record to look at; say in \`fillTopics\` how one comes about`)
    else if (topic.avro !== undefined && looks.every(({ value }) => value !== 'avro')) problems.push(`${topic.id}: no record is Avro`)
    if (kcat === null) continue
    const ours = records.map(({ partition, offset, key, value }) =>
      seen(topic, partition, offset, key?.toString() ?? null, value?.toString() ?? null),
    )
    expect([topic.id, inOrder(kcatReads(kcat, world, topic))]).toEqual([topic.id, inOrder(ours)])
  }
  console.log(kcat === null ? 'not run, since it is not here: kcat' : `run: ${kcat} on ${declared.length} topics`)
  expect(problems).toEqual([])
  await readByStockConsumer(world)
})

/** A consumer that knows only the registry reads every record of every topic: events, states, and the control records among them. */
async function readByStockConsumer(world: World): Promise<void> {
  const client = await stockClientHere()
  if (client === null) return
  const { addresses, naming } = world.services
  const names = declared.map(({ id }) => topicName(id, naming))
  const consumed = await client.consume(addresses.brokers, addresses.registry, names)
  expect(consumed.filter(({ error }) => error !== undefined)).toEqual([])
  const controls = { markers: 0, positions: 0 }
  for (const { id, avro } of declared) {
    const theirs = new Map(consumed.filter(each => each.topic === topicName(id, naming)).map(each => [placeOf(each), each]))
    const records = await recordsOf(world, id)
    expect([id, [...theirs.keys()].sort()]).toEqual([id, records.map(placeOf).sort()])
    for (const record of records) {
      const { value, bytes } = theirs.get(placeOf(record))!
      if (avro === undefined) {
        expect([id, value, bytes]).toEqual([id, undefined, record.value?.length ?? 0])
        continue
      }
      const header = (name: string) => headerText(record, name)
      expect([id, value === null]).toEqual([id, record.value === null])
      if (header(headerNames.id) !== undefined) expect(value).toMatchObject({ id: header(headerNames.id) })
      const isPosition = record.key?.toString().startsWith(positionPrefix) ?? false
      if (header(headerNames.marker) !== undefined) {
        controls.markers++
        expect(value).toMatchObject({ kind: header(headerNames.marker), partition: record.partition })
      } else if (isPosition) {
        controls.positions++
        expect(value).toMatchObject({ next: expect.any(Object) })
      }
    }
  }
  expect(Object.values(controls).every(count => count > 0)).toBe(true)
}

async function stockClientHere() {
  const client = await stockClient(process.cwd())
  console.log(client === null ? 'not run, since python3 with pip is not here: confluent-kafka' : 'run: confluent-kafka')
  return client
}

test('a lag tool sees of every group how far it is in all that it reads', async () => {
  const client = await stockClientHere()
  if (client === null) return
  const world = await makeWorld({ partitions: 2 })
  startRoles(world)
  for (const kind of ['attempt_evaluated', 'learners', 'sessions']) await world.apply({ id: kind, kind })
  await world.put([{ key: torusKey(145, 'attempt_evaluated', 0), body: jsonl(Object.values(statements)) }])
  await world.backfill()
  for (const id of ['attempt_evaluated', 'learners', 'sessions']) await world.complete(id)
  const { addresses, naming } = world.services
  const groups = groupedRoles.map(role => groupName(role, naming))
  const seen = async () => {
    const offsets = await client.groupOffsets(addresses.brokers, groups)
    return lagging(world, async (group, topic) => {
      const own = offsets.filter(each => each.group === group && each.topic === topic)
      return new Map(own.map(({ partition, offset }) => [partition, offset]))
    })
  }
  await until(world, 'offsets of all groups at the ends', 90, async () => ((await seen()).length === 0 ? true : null))
})

const placeOf = ({ partition, offset }: { readonly partition: number; readonly offset: number }) => `${partition}/${offset}`
