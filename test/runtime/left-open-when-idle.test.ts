import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../runtime/clock.js'
import { silentLogger } from '../../runtime/logger.js'
import { memoryLog } from '../../runtime/memory/memory-log.js'
import { runTask, type Task } from '../../runtime/task.js'

/** A second takes a millisecond. */
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * 1000,
  uuid: () => '',
  sleep: (ms, signal) => delay(ms / 1000, undefined, signal ? { signal } : undefined).catch(() => undefined),
}

test('what a broker left open is found and ended although there is nothing to write', async () => {
  const log = memoryLog()
  await log.createTopics([{ name: 't', partitions: 1, replication: 1, config: {} }])
  const place = { topic: 't', partition: 0 }
  const { transactions } = log.broker
  const stable = async () => (await log.watermarks('t', [0])).get(0)!.stable
  const stop = new AbortController()
  const ends: number[] = []
  const task: Task = {
    transactionalId: 'w',
    writes: [place],
    async work({ tx, signal, running }) {
      running()
      if (ends.length === 0) {
        transactions.passOver = partitions => partitions
        await tx.send([{ ...place, records: [{ key: null, value: Buffer.from('v') }] }])
        await tx.commit()
        transactions.passOver = undefined
      }
      ends.push(await stable())
      // The record and its marker are seen when the work has begun anew.
      if (ends.length === 2) stop.abort()
      await new Promise<void>(resolve => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
  await runTask(task, { log, clock, logger: silentLogger, signal: stop.signal, confirm: async () => true })
  expect(ends).toEqual([0, 2])
  await log.close()
})
