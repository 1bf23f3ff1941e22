import { type Logger, silentLogger } from '../../../runtime/logger.js'
import { memoryDisk, memoryStateStore } from '../../../runtime/memory/memory-state-store.js'
import { takeStore } from '../../../runtime/state/task-store.js'
import { isTributaryError } from '../../../schemas/errors.js'

const clock = { now: () => 1000, monotonic: () => 0, sleep: async () => undefined, uuid: () => '' }
const terms = {
  store: 's',
  layout: 1,
  cluster: 'c',
  topics: {},
  low: 3,
  stable: 9,
  owner: { producerId: 1, epoch: 2 },
  tombstonesKeptMs: null,
}
const [key, value] = [Buffer.from('key'), Buffer.from('value')]
const at = (position: number, changelog: number) => ({ position, changelog, owner: terms.owner })
const said: string[] = []
const logger: Logger = { ...silentLogger, warn: (_, text) => void said.push(text) }
beforeEach(() => {
  said.length = 0
})

test('a new store begins with nothing, and says nothing', () => {
  const store = takeStore<number>(memoryStateStore(), terms, { clock, logger })
  expect(store.found).toBeNull()
  expect(said).toEqual([])
})

test('what one task has merged the next finds, with the position', () => {
  const disk = memoryDisk()
  takeStore<number>(memoryStateStore(disk), terms, { clock, logger }).merge({ puts: [[key, value]] }, at(5, 8))
  const next = takeStore<number>(memoryStateStore(disk), terms, { clock, logger })
  expect(next.found).toEqual({ position: 5, changelog: 8 })
  expect(next.get(key)).toEqual(value)
  expect(said).toEqual([])
})

test('a store of no use is emptied, and the log says why', () => {
  const disk = memoryDisk()
  takeStore<number>(memoryStateStore(disk), terms, { clock, logger }).merge({ puts: [[key, value]] }, at(5, 8))
  const next = takeStore<number>(memoryStateStore(disk), { ...terms, cluster: 'another' }, { clock, logger })
  expect(next.found).toBeNull()
  expect(next.has(key)).toBe(false)
  expect(said).toEqual(['the local state is rebuilt: foreign: it was made on cluster c'])
  next.merge({}, at(0, 3))
  expect(takeStore<number>(memoryStateStore(disk), { ...terms, cluster: 'another' }, { clock, logger }).found).not.toBeNull()
})

test('a task whose store somebody else has taken is fenced', () => {
  const disk = memoryDisk()
  const former = takeStore<number>(memoryStateStore(disk), terms, { clock, logger })
  former.merge({}, at(5, 8))
  takeStore<number>(memoryStateStore(disk), terms, { clock, logger }).merge({ puts: [[key, value]] }, at(6, 9))
  let thrown: unknown
  try {
    former.merge({ deletes: [key] }, at(7, 10))
  } catch (error) {
    thrown = error
  }
  expect(isTributaryError(thrown, 'FENCED')).toBe(true)
  expect(disk.entries.size).toBe(1)
})
