import { type AddressInfo, createServer, type Socket } from 'node:net'
import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import { Connections, isConnectionLost } from '../../../runtime/kafka/connections.js'
import { Coordinator } from '../../../runtime/kafka/coordinator.js'
import { fetchRequest } from '../../../runtime/kafka/fetch-request.js'
import { kafkajsClient } from '../../../runtime/kafka/kafkajs-internals.js'
import { metadataRequest } from '../../../runtime/kafka/metadata-request.js'
import { endTxnRequest } from '../../../runtime/kafka/transaction-requests.js'
import { isTributaryError } from '../../../schemas/errors.js'

/** A broker behind a line that takes everything and brings nothing back; a socket that is accepted is no sign of life. */
async function blackHole(): Promise<{ port: number; close(): Promise<void> }> {
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => undefined)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const requestTimeoutMs = 500
/** kafkajs's own limit of a connection and its greeting, and our look once a second: the first sees a request, a later one gives it up. */
const greetingMs = 5_000 + 2_000
let hole: Awaited<ReturnType<typeof blackHole>>
beforeEach(async () => {
  hole = await blackHole()
})
afterEach(() => hole.close())

test('whatever is asked of a broker that never answers ends by its deadline, and closing ends it at once', async () => {
  const { port } = hole
  const client = kafkajsClient({ brokers: [`127.0.0.1:${port}`], clientId: 'test', requestTimeoutMs })
  const connections = new Connections(client)
  const to = { node: 1, host: '127.0.0.1', port }
  const asked = [
    connections.send(to, metadataRequest([])),
    connections.send(undefined, endTxnRequest('t', 1, 1, true)),
    connections.send({ ...to, node: 2 }, fetchRequest([], { maxWaitMs: 0, maxBytes: 1, maxBytesPerPartition: 1 })),
  ]
  const began = Date.now()
  const ends = await Promise.all(asked.map(one => one.catch((error: unknown) => error)))
  expect(ends.map(isConnectionLost)).toEqual([true, true, true])
  expect(Date.now() - began).toBeLessThan(requestTimeoutMs + greetingMs + 1_000)

  const map = new ClusterMap(connections)
  const insisting = new Coordinator(map, connections, 'transaction', 't').insist(endTxnRequest('t', 1, 1, true), 60_000)
  const refreshing = map.refresh(['t'], 60_000)
  const left = Promise.all([insisting, refreshing].map(one => one.catch((error: unknown) => error)))
  const closing = Date.now()
  await connections.close()
  for (const error of await left) expect(isTributaryError(error, 'KAFKA_UNREACHABLE')).toBe(true)
  expect(Date.now() - closing).toBeLessThan(1_000)
})
