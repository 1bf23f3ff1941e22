import { readdirSync, readFileSync } from 'node:fs'
import avro from 'avsc'
import { newLedger, restore, toRouteLedger } from '../../processors/route/ledger.js'
import type { Event } from '../../schemas/event.js'
import type { RouteLedger } from '../../schemas/route-ledger.js'
import { controlSchemas } from '../../schemas/state-records.js'
import { topicOfKind, topics } from '../../schemas/topics.js'
import { topology } from '../../topology.js'
import { plainLedger } from '../driver/plain-ledger.js'
import { drive } from '../processors/drive.js'
import { randomEvents } from '../processors/random-events.js'
import { accepted, changed, statements, video } from '../processors/route/statements.js'
import { seeded } from './random.js'

const folder = new URL('../../schemas/avro/', import.meta.url)
const schemaOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.avsc`, folder), 'utf8'))
const typeOf = (name: string) => avro.Type.forSchema(schemaOf(name))
const names = Object.values(topics).flatMap(topic => (topic.avro === undefined ? [] : [topic.avro]))
const avroOf = (event: Event) => topics[topicOfKind[event.kind]].avro!
/** Without avsc's own prototypes. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

test('every Avro topic and control record has its file, and every file one of them', () => {
  expect(readdirSync(folder).sort()).toEqual([...names, ...Object.keys(controlSchemas)].map(name => `${name}.avsc`).sort())
  for (const [name, subject] of Object.entries(controlSchemas)) expect(typeOf(name).name).toBe(subject)
})

const events = [
  ...Object.values(statements).flatMap(text => [accepted(text).event, ...accepted(text).derived]),
  accepted(changed('video_played', ['context', 'extensions', `${video}length`], '60')).event,
  accepted(changed('xapi_video', ['timestamp'], '1830-01-01T00:00:00.000001Z')).event,
  accepted(changed('xapi_video', ['timestamp'], '2255-01-01T00:00:00.000001Z')).event,
]

test.each(events.map(event => [event.kind, event] as const))('%s comes back as it was', (_, event) => {
  const type = typeOf(avroOf(event))
  const back = type.fromBuffer(type.toBuffer(event))
  expect(plain(back)).toEqual(plain(event))
  expect(Object.keys(back)).toEqual(Object.keys(event))
})

test('every instant that is accepted comes back', () => {
  const type = typeOf('video')
  const { event } = accepted(statements.video_played!)
  for (let seed = 0; seed < 2000; seed++) {
    const random = seeded(seed)
    // The ends of the range, and the middle.
    for (const at of [-(2 ** 52) + seed, random.below(2 ** 53), Number.MAX_SAFE_INTEGER - 1 - seed, -random.below(2 ** 52)])
      expect(type.fromBuffer(type.toBuffer({ ...event, at })).at).toBe(at)
  }
})

test('a ledger comes back as it was', () => {
  const type = typeOf('route-ledger')
  const total: RouteLedger = {
    partition: 3,
    host: null,
    section: null,
    rest: false,
    events: { part_attempt: 5, other: 1 },
    derived: 2,
    duplicates: 4,
    deadLetters: { missing_key: 1 },
    misplaced: 0,
    markers: 1,
    spans: { 'events.attempt': { first: 7, last: 2 ** 40 } },
    position: { next: 12, records: 12, received: Date.UTC(2025, 0), ends: { 'events.attempt': 13 } },
  }
  const section: RouteLedger = { ...total, host: 'h', section: '', position: null, spans: {} }
  for (const record of [total, section]) expect(plain(type.fromBuffer(type.toBuffer(record)))).toEqual(record)
  const ledger = newLedger(3)
  restore(ledger, type.fromBuffer(type.toBuffer(total)))
  expect(toRouteLedger(ledger)).toEqual([total])
})

/** One of every kind of state, made of random events. */
const states: Readonly<Record<string, unknown>> = Object.fromEntries(
  topology.aggregates.flatMap(aggregate => {
    const made = drive(aggregate, [randomEvents(seeded(1), 60, { learners: 1, guids: 3, sources: 3, minutes: 90 })]).states
    return aggregate.to.map(topic => [topics[topic].avro!, Object.values(made[topic])[0]])
  }),
)

test.each(Object.entries(states))('%s comes back as it was', (name, state) => {
  const type = typeOf(name)
  expect(plain(type.fromBuffer(type.toBuffer(state)))).toEqual(state)
})

test.each(names)('%s: newer and older readers understand each other', name => {
  const schema = schemaOf(name)
  const newer = { ...schema, fields: [...schema.fields, { name: 'added', type: ['null', 'string'], default: null }] }
  const [old, young] = [avro.Type.forSchema(schema), avro.Type.forSchema(newer)]
  const event = name === 'route-ledger' ? plainLedger : (states[name] ?? events.find(each => avroOf(each) === name)!)
  expect(young.fromBuffer(old.toBuffer(event), young.createResolver(old))).toMatchObject({ added: null })
  expect(plain(old.fromBuffer(young.toBuffer({ ...event, added: 'x' }), old.createResolver(young)))).toEqual(plain(event))
})

test.each(names)('%s: every field says what it is, nullable ones can be left out by older writers', name => {
  for (const field of schemaOf(name).fields) {
    expect(field).toMatchObject({ doc: expect.stringMatching(/\S/) })
    if (Array.isArray(field.type)) expect(field).toMatchObject({ default: null })
  }
})
