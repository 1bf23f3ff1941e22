import { ClusterMap } from '../../runtime/kafka/cluster-map.js'
import { Connections } from '../../runtime/kafka/connections.js'
import { Coordinator } from '../../runtime/kafka/coordinator.js'
import { kafkajsClient } from '../../runtime/kafka/kafkajs-internals.js'
import { isBeingEnded } from '../../runtime/kafka/left-open.js'
import { describeTransactionRequest } from '../../runtime/kafka/open-transaction-requests.js'
import { until } from './until.js'
import type { World } from './world.js'

/**
 * Until the coordinators are through with the last transactions of these ids. Records can be read as soon as their own partition has its marker;
 * a coordinator that dies then writes all markers again when it comes back.
 */
export async function transactionsOver(world: World, brokers: readonly string[], ids: readonly string[]): Promise<void> {
  const connections = new Connections(kafkajsClient({ brokers, clientId: 'transactions' }))
  const map = new ClusterMap(connections)
  try {
    const stateOf = async (id: string) =>
      (await new Coordinator(map, connections, 'transaction', id).insist(describeTransactionRequest(id), 30_000)).state
    await until(world, `the coordinators to be through with ${ids.join(', ')}`, 60, async () => {
      const states = await Promise.all(ids.map(stateOf))
      return !states.some(isBeingEnded) || null
    })
  } finally {
    await connections.close()
  }
}
