import type { OpenTransaction } from '../log.js'
import { askLeaders } from './ask-leaders.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import { describeProducersRequest, listTransactionsRequest } from './open-transaction-requests.js'

/** For `askLeaders`. */
export const whoWritesTo = { doing: 'asking who writes to', request: describeProducersRequest }

/** A broker that is away takes the names that it knows with it, and no others. */
const noNames = (error: unknown): ReadonlyMap<number, string> => {
  if (!isConnectionLost(error)) throw error
  return new Map()
}

/** The leader knows the open producer ids, the coordinators (any broker may be one) their names. */
export async function openTransactionsOf(
  map: ClusterMap,
  connections: Connections,
  topic: string,
  partition: number,
): Promise<readonly OpenTransaction[]> {
  const [answer] = await askLeaders({ map, connections, ...whoWritesTo }, [{ topic, partition }])
  const open = answer!.producers.filter(producer => producer.firstOffset >= 0).sort((a, b) => a.firstOffset - b.firstOffset)
  if (open.length === 0) return []
  const { brokers } = await map.refresh([])
  const ids = open.map(producer => producer.producerId)
  const answers = await Promise.all(brokers.map(broker => connections.send(broker, listTransactionsRequest(ids)).catch(noNames)))
  const names = new Map(answers.flatMap(answer => [...answer]))
  return open.map(({ producerId, firstOffset }) => ({ producerId, firstOffset, transactionalId: names.get(producerId) ?? null }))
}
