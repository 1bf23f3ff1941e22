import type { Aggregate } from '../../../processors/aggregate.js'
import { changeOf } from '../../../runtime/aggregate/commit.js'
import { taskMemory } from '../../../runtime/aggregate/task-memory.js'
import { memoryStateStore } from '../../../runtime/memory/memory-state-store.js'

const header = Buffer.from('header')

const aggregate: Aggregate = {
  name: 'counts',
  from: [],
  to: [],
  version: 2,
  upgrades: { 1: (_, value) => ({ count: value }) },
  step: () => ({}),
  output: () => null,
}

function opened() {
  const store = memoryStateStore()
  const memory = taskMemory(aggregate, store)
  const commit = () => {
    const changes = memory.changes()
    store.merge(changeOf(changes), header)
    memory.forget()
    return changes.map(({ key, value }) => [key!.toString(), value === null ? null : value.toString()])
  }
  return { store, memory, commit }
}

test('what is put is there at once, for others after the commit, and written once', () => {
  const { memory, commit } = opened()
  memory.put('1|h|7', 'day', { count: 1 })
  memory.put('1|h|7', 'day', { count: 2 })
  memory.put('1|h|8', 'day', { count: 3 })
  memory.put('1|h|8', 'gone', 1)
  memory.delete('1|h|8', 'gone')
  expect([memory.get('1|h|7', 'day'), memory.get('1|h|8', 'gone'), memory.committed.get('1|h|7', 'day')]).toEqual([
    { count: 2 },
    undefined,
    undefined,
  ])
  expect(commit()).toEqual([
    ['counts|1|h|7|day', '2 {"count":2}'],
    ['counts|1|h|8|day', '2 {"count":3}'],
    ['counts|1|h|8|gone', null],
  ])
  expect([memory.get('1|h|7', 'day'), memory.committed.get('1|h|8', 'day'), memory.get('1|h|8', 'gone')]).toEqual([
    { count: 2 },
    { count: 3 },
    undefined,
  ])
  memory.delete('1|h|7', 'day')
  expect([memory.get('1|h|7', 'day'), memory.committed.get('1|h|7', 'day')]).toEqual([undefined, { count: 2 }])
  expect(commit()).toEqual([['counts|1|h|7|day', null]])
  expect([memory.get('1|h|7', 'day'), commit()]).toEqual([undefined, []])
})

test('what is only read is not written again', () => {
  const { memory, commit } = opened()
  memory.put('l', 'a', 1)
  commit()
  expect([memory.get('l', 'a'), memory.get('l', 'b'), commit()]).toEqual([1, undefined, []])
})

test('a value of an older version is brought up, and stays as it is until it changes', () => {
  const { store, memory, commit } = opened()
  store.merge({ puts: [[Buffer.from('counts|l|a'), Buffer.from('1 5')]] }, header)
  expect([memory.get('l', 'a'), commit()]).toEqual([{ count: 5 }, []])
  memory.put('l', 'a', { count: 6 })
  expect(commit()).toEqual([['counts|l|a', '2 {"count":6}']])
})

test('keys of any length: a store holds them, and none is taken for another', () => {
  const { memory, commit } = opened()
  const long = ['é'.repeat(290), 'é'.repeat(310), `${'é'.repeat(310)}x`, '😀'.repeat(100_000)]
  for (const [i, key] of long.entries()) memory.put('1|h|7', key, i)
  memory.put('é'.repeat(1000), 'é', 'learner')
  for (const [key] of commit()) expect(Buffer.byteLength(key!)).toBeLessThan(1024)
  expect([...long.map(key => memory.get('1|h|7', key)), memory.get('é'.repeat(1000), 'é')]).toEqual([0, 1, 2, 3, 'learner'])
})
