import { OwnRecords } from '../../../runtime/backfill/own-records.js'
import type { Fault } from '../../../runtime/fault.js'
import { extensions as ext } from '../../../schemas/vocabulary.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { publish } from '../../driver/publish.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

const none = Array.from({ length: 9 }, (_, i) => JSON.stringify({ note: i }))

test('a run that waits says what became of its statements, by code, and of nobody else’s', async () => {
  const world = await makeMemoryWorld({ MAX_STATEMENT_BYTES: '20000' })
  startRoles(world)
  // Before, beside and after it others send the like.
  await publish(world, [statement(100), none[0]!, statement(3)])
  await world.put([
    { key: torusKey(1, 'page_viewed', 0), body: jsonl([statement(1), statement(1), '', statement(3), '{"actor":', ...none]) },
    { key: torusKey(1, 'page_viewed', 1, '.jsonl'), body: jsonl([statement(2), statement(0, { padding: 30_000 }), statement(100)]) },
  ])
  let beside = 0
  const fault: Fault = async name => {
    if (name === 'backfill.afterSend' && beside++ === 0) await publish(world, [statement(201), none[1]!])
  }
  const sum = await world.backfill({}, { fault })
  expect(beside).toBeGreaterThan(0)
  expect(sum).toMatchObject({
    lines: 17,
    blank: 1,
    published: 15,
    refused: { too_large: 1 },
    outcome: { events: 2, duplicates: 3, deadLetters: { missing_key: 9, invalid_json: 1 } },
  })
  // What an earlier run has read is not counted to this one.
  const again = await world.backfill({}, { wait: true })
  expect(again).toMatchObject({ objects: 0, skipped: 2, outcome: { events: 0, duplicates: 0, deadLetters: {} } })
  const repeated = await world.backfill({ again: true })
  expect(repeated.outcome).toEqual({ events: 0, duplicates: 5, deadLetters: { missing_key: 9, invalid_json: 1 } })
})

test('a repeat that brings an attribution is a repeat, and what is derived from an event is not one more', async () => {
  const world = await makeMemoryWorld()
  startRoles(world)
  const attributed = (n: number) => {
    const made = JSON.parse(statement(n, {}, 'part_attempt')) as { context: { extensions: Record<string, unknown> } }
    made.context.extensions[ext.experimentAttributions] = [{ experiment: 'e', condition: 'c' }]
    return JSON.stringify(made)
  }
  const lines = [statement(1, {}, 'part_attempt'), attributed(1), attributed(2), attributed(2)]
  await world.put([{ key: torusKey(1, 'attempt_evaluated', 0), body: jsonl(lines) }])
  expect((await world.backfill()).outcome).toEqual({ events: 2, duplicates: 2, deadLetters: {} })
})

test('without waiting nobody has looked', async () => {
  const world = await makeMemoryWorld()
  startRoles(world)
  await world.put([{ key: torusKey(1, 'page_viewed', 0), body: jsonl([statement(1)]) }])
  expect(await world.backfill({}, { wait: false })).toMatchObject({ published: 1, outcome: null })
})

test('own records are found among those of others, and ranges that touch are one', () => {
  const own = new OwnRecords()
  const add = (partition: number, first: number, last: number) => own.add({ topic: 't', partition, first, last })
  add(0, 3, 5)
  add(0, 6, 6)
  add(0, 9, 12)
  add(1, 0, 0)
  const has = (partition: number) => Array.from({ length: 15 }, (_, offset) => offset).filter(offset => own.has(partition, offset))
  expect([has(0), has(1), has(2)]).toEqual([[3, 4, 5, 6, 9, 10, 11, 12], [0], []])
  expect([own.span(0), own.span(1), own.span(2)]).toEqual([{ first: 3, last: 12 }, { first: 0, last: 0 }, null])
})
