import { followTail } from '../../runtime/followed-tail.js'
import { silentLogger } from '../../runtime/logger.js'
import type { Tail } from '../../runtime/tail.js'

const clock = { now: () => 0, monotonic: () => 0, sleep: async () => undefined, uuid: () => '' }

function tailOf(catchUp: () => Promise<void>) {
  const calls: string[] = []
  const tail: Tail = {
    catchUp: async () => {
      calls.push('catchUp')
      await catchUp()
    },
    catchUpKnown: async () => [],
    poll: async () => {
      calls.push('poll')
      await new Promise(setImmediate)
      return false
    },
    positions: () => [],
    close: async () => undefined,
  }
  return { tail, calls }
}

test('who asks is answered after everything stable was read, however many ask', async () => {
  const stop = new AbortController()
  const { tail, calls } = tailOf(async () => undefined)
  const table = followTail(tail, clock, silentLogger, stop.signal)
  await Promise.all([table.current(), table.current()])
  expect(calls).toContain('catchUp')
  stop.abort()
  await table.ended
  await expect(table.current()).rejects.toThrow('not followed')
})

test('trouble is told to who asked, and does not end the following', async () => {
  const stop = new AbortController()
  let broken = true
  const { tail } = tailOf(async () => {
    if (broken) throw new Error('away')
  })
  const table = followTail(tail, clock, silentLogger, stop.signal)
  await expect(table.current()).rejects.toThrow('away')
  broken = false
  await table.current()
  stop.abort()
  await table.ended
})
