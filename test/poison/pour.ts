import { interpret } from '../../processors/route/interpret.js'
import type { Event } from '../../schemas/event.js'
import { headers } from '../../schemas/headers.js'
import { partitionOf } from '../../schemas/partition.js'
import { topicName, topicOfKind } from '../../schemas/topics.js'
import { torusKey } from '../driver/objects.js'
import { startRoles } from '../driver/roles.js'
import { statement } from '../driver/statements.js'
import type { World } from '../driver/world.js'
import { poisonLines, poisons } from './all.js'
import { expectEvents, expectLetters, expectRows } from './expectations.js'
import { limit } from './poison.js'
import { type PoisonRecord, poisonRecords } from './records.js'

const perObject = 400
const datasets = ['attempt_evaluated', 'page_viewed', 'video'] as const
const newline = Buffer.from('\n')
const sound = (n: number) => Buffer.from(statement(n, { section: 7, learners: 90 }))

/**
 * Every poison through the whole pipeline: as lines of a history, each between two sound ones; then records that only a producer can bring;
 * then the history once more. Asserts all that must hold, whatever the servers are. Returns a stop of its roles.
 */
export async function pour(world: World): Promise<() => Promise<void>> {
  const stop = startRoles(world)
  for (const kind of datasets) await world.apply({ id: kind, kind })
  const odd = poisonLines()
  const lines = odd.flatMap((line, n) => [sound(n), line])
  const objects = Array.from({ length: Math.ceil(lines.length / perObject) }, (_, i) => ({
    key: torusKey(59, 'all', i),
    body: Buffer.concat(lines.slice(i * perObject, (i + 1) * perObject).flatMap(line => [line, newline])),
  }))
  await world.put(objects)
  const tooLarge = odd.filter(line => line.length > limit).length
  const blank = poisons.filter(({ fate }) => fate === 'blank').length
  const counts = { lines: lines.length, blank, published: lines.length - blank - tooLarge, refused: { too_large: tooLarge } }
  expect(await world.backfill({})).toMatchObject(counts)
  const records = poisonRecords()
  await bring(world, records)
  // Every event is a repeat now, and no dead letter is another.
  expect(await world.backfill({ again: true })).toMatchObject(counts)
  for (const id of datasets) await world.complete(id, 100)

  const placeOf = (n: number) =>
    `s3://${world.bucket}/${objects[Math.floor((2 * n + 1) / perObject)]!.key}#${((2 * n + 1) % perObject) + 1}`
  await expectLetters(world, { lines: poisons.map(({ fate }, n) => [placeOf(n), fate] as const), records: records.map(({ fate }) => fate) })
  // A header can be wrong where the statement is sound.
  const accepted = records.filter(({ fate }) => fate in topicOfKind)
  const events = [...lines.flatMap(line => eventsOf(line)), ...accepted.flatMap(record => eventsOf(record.value, assignedId(record)))]
  await expectEvents(world, events)
  await expectRows(world, events)
  const { ok, problems, ledger } = await world.verify()
  expect([ok, problems]).toEqual([true, []])
  expect(ledger.misplaced).toBe(records.filter(({ home, fate }) => !home && fate !== 'misplaced_twice').length)
  // No role ended, and no task had to be started again.
  expect(world.said.filter(text => / error |ended/.test(text))).toEqual([])
  return stop
}

/** Straight to `xapi`. */
async function bring(world: World, records: readonly PoisonRecord[]): Promise<void> {
  const { log, naming, config } = world.services
  const writer = await log.writer()
  for (const record of records) {
    const read = interpret(record.value, { assignedId: assignedId(record) })
    const own = read.ok ? partitionOf(Buffer.from(read.key), config.partitions) : 0
    const partition = record.home ? own : (own + 1) % config.partitions
    await writer.send([{ topic: topicName('xapi', naming), partition, records: [record] }])
  }
  await writer.close()
}

const assignedId = (record: PoisonRecord) => record.headers.find(([name]) => name === headers.assignedId)?.[1].toString()

function eventsOf(value: Buffer | null, id?: string): readonly Event[] {
  if (value === null || value.length > limit) return []
  const read = interpret(value, { assignedId: id })
  return read.ok ? [read.event, ...read.derived] : []
}
