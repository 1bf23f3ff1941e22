import { randomUUID } from 'node:crypto'
import { kafkaLog } from '../../runtime/kafka/kafka-log.js'
import type { MembershipEvents } from '../../runtime/log.js'

const brokers = process.env.TRIBUTARY_TEST_BROKERS?.split(',')
if (brokers === undefined) throw new Error('TRIBUTARY_TEST_BROKERS is not set: run the contract tests by `npm run test:contract`')

// Far longer than a slow machine takes.
const sessionMs = 300_000

test('who replaces a dead member has its partitions at once, not after its session', async () => {
  const log = kafkaLog({ brokers, clientId: 'replaced', membership: { sessionMs, heartbeatMs: 5_000 } })
  const name = `replaced-${randomUUID()}`
  await log.createTopics([{ name, partitions: 3, replication: 1, config: {} }])
  let deadId = ''
  const quiet: MembershipEvents = { assigned: async () => undefined, revoked: async () => undefined, lost: () => undefined }
  // It never leaves: to the group it is like a killed process, of which nothing is heard for the whole session.
  const dead = await log.join(name, name, { ...quiet, joined: id => (deadId = id) })
  expect(dead.owned).toEqual([0, 1, 2])
  const began = Date.now()
  const successor = await log.join(name, name, quiet, deadId)
  expect(successor.owned).toEqual([0, 1, 2])
  expect(Date.now() - began).toBeLessThan(sessionMs / 2)
  expect(await dead.confirm()).toBe(false)
  await successor.leave()
  await log.deleteTopics([name])
  await log.close()
})
