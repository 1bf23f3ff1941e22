import { memoryLog } from '../../runtime/memory/memory-log.js'
import { logContract } from './log.js'

logContract('the log in memory', async () => {
  let skew = 0
  const clock = {
    now: () => Date.now() + skew,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>(resolve => {
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
  const log = memoryLog({ clock })
  return {
    log,
    small: memoryLog({ broker: log.broker, clock, transactionTimeoutMs: 1_000 }),
    hinted: async (group, topic) => log.hinted(group, topic),
    async compact(topic, done) {
      log.compact(topic)
      if (!(await done())) throw new Error('not compacted')
    },
    damage: async (topic, partition, offset) => log.damage(topic, partition, offset),
    async alter(topic, config) {
      Object.assign(log.broker.topic(topic).settings.config, config)
    },
    async expireTransactions() {
      skew += 1_000
    },
  }
})
