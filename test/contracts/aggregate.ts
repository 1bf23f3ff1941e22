import { readFileSync } from 'node:fs'
import avro from 'avsc'
import type { Aggregate } from '../../processors/aggregate.js'
import type { Event } from '../../schemas/event.js'
import { topics } from '../../schemas/topics.js'
import { drive, frozen, inputOf, TextMemory } from '../processors/drive.js'
import { randomEvents } from '../processors/random-events.js'
import { seeded } from '../schemas/random.js'

const schemaOf = (name: string) => JSON.parse(readFileSync(new URL(`../../schemas/avro/${name}.avsc`, import.meta.url), 'utf8'))

/** What every aggregate must keep, whatever it makes of the events. `drive` remembers as text and hands out frozen values. */
export function aggregateContract(aggregate: Aggregate): void {
  const worlds = Array.from({ length: 40 }, (_, seed) => {
    const random = seeded(seed)
    const told = { learners: 2, guids: 3, sources: 3, minutes: random.pick([60, 300]) }
    return { seed, random, events: frozen(randomEvents(random, 1 + random.below(30), told)) as readonly Event[] }
  })

  test('its name, its keys and its topics cannot be taken for those of others', () => {
    expect(aggregate.name).toMatch(/^[a-z][a-z-]*$/)
    expect(['position', 'marker']).not.toContain(aggregate.name)
    for (const topic of aggregate.to) expect(topics[topic]).toMatchObject({ cleanup: 'compact', writtenBy: 'aggregate' })
    for (const { events } of worlds) {
      const memory = new TextMemory()
      for (const event of events) {
        const changed = aggregate.step(inputOf(event), memory)
        expect(Object.keys(changed).filter(topic => !aggregate.to.some(to => to === topic))).toEqual([])
        for (const key of Object.values(changed).flat()) expect(key.split('|').length).toBeGreaterThan(2)
      }
    }
  })

  test('any order, repeats, and transactions cut anywhere give the same states', () => {
    for (const { seed, random, events } of worlds) {
      const expected = drive(aggregate, [events]).states
      for (let n = 0; n < 10; n++) {
        const all = random.shuffle([...events, ...events.filter(() => random.below(3) === 0)])
        const cut = random.below(all.length + 1)
        expect({ seed, ...drive(aggregate, [all.slice(0, cut), all.slice(cut)]).states }).toEqual({ seed, ...expected })
      }
    }
  })

  test('the same input makes the same of the same memory', () => {
    for (const { events } of worlds) {
      const [one, two] = [drive(aggregate, [events]), drive(aggregate, [events])]
      expect([one.states, [...one.memory.values]]).toEqual([two.states, [...two.memory.values]])
    }
  })

  test('a memory that was written and read again is as good', () => {
    for (const { events, random } of worlds) {
      const cut = random.below(events.length)
      const { memory, states } = drive(aggregate, [events.slice(0, cut)])
      const restored = new TextMemory(JSON.parse(JSON.stringify([...memory.values])))
      const after = drive(aggregate, [events.slice(cut)], restored).states
      const expected = drive(aggregate, [events]).states
      for (const topic of aggregate.to) {
        // What went on from the first part was looked at again, or has not changed.
        for (const [key, state] of Object.entries(expected[topic])) expect(after[topic][key] ?? states[topic][key]).toEqual(state)
      }
    }
  })

  test('its states are what the schema of their topic says', () => {
    for (const topic of aggregate.to) {
      const type = avro.Type.forSchema(schemaOf(topics[topic].avro!), { wrapUnions: false })
      for (const { events } of worlds)
        for (const state of Object.values(drive(aggregate, [events]).states[topic])) {
          expect(JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(state))))).toEqual(state)
        }
    }
  })
}
