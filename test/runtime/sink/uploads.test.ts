import { silentLogger } from '../../../runtime/logger.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import { makeUploads } from '../../../runtime/sink/uploads.js'

test('a budget of PUTs that delays datasets is named once a minute, one that does not never', async () => {
  let now = 0
  let n = 0
  const sleep = async (ms: number) => {
    now += ms
  }
  const clock = { now: () => 0, monotonic: () => now, sleep, uuid: () => '' }
  const said: string[] = []
  const logger = { ...silentLogger, warn: (_: object, text: string) => void said.push(text) }
  const store = memoryStore(() => 0)
  await store.ensureBucket('b')
  const uploads = makeUploads(store, 'b', 10, clock, logger)
  const put = async (times: number) => {
    for (let i = 0; i < times; i++) await uploads.create(`${++n}`, Buffer.from('x'), '', '')
  }
  for (let second = 0; second < 600; second++) {
    now += 1000
    await put(5)
  }
  expect(said).toEqual([])
  // 150 s of work: named at once, and after each minute.
  await put(1500)
  expect(said).toEqual(Array(3).fill('uploads wait for their turn (PUTS_PER_SECOND is 10): datasets are later than their freshness'))
})
