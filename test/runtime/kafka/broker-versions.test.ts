import { ByteReader } from '../../../runtime/kafka/byte-reader.js'
import { ClusterMap } from '../../../runtime/kafka/cluster-map.js'
import { selfTest } from '../../../runtime/kafka/self-test.js'
import { wireVersions } from '../../../runtime/kafka/wire-request.js'
import { CannedConnections, metadataOf } from './canned-connections.js'

type Range = { readonly min: number; readonly max: number }

/** What a broker that has everything answers, but for `change`. */
function broker(change: { ranges?: Readonly<Record<number, Range | undefined>>; level?: number; error?: number } = {}) {
  const all = Object.values(wireVersions).map(({ api, version }): [number, Range] => [api, { min: version - 1, max: version + 1 }])
  const ranges = new Map(all)
  for (const [api, range] of Object.entries(change.ranges ?? {})) {
    if (range === undefined) ranges.delete(Number(api))
    else ranges.set(Number(api), range)
  }
  return { error: change.error ?? 0, ranges, finalized: new Map(change.level === 0 ? [] : [['transaction.version', change.level ?? 2]]) }
}

function tested(...brokers: readonly ReturnType<typeof broker>[]) {
  const connections = new CannedConnections({
    Metadata: () => metadataOf(brokers.length, {}),
    ApiVersions: node => brokers[node! - 1],
  })
  return selfTest(new ClusterMap(connections), connections)
}

test('a cluster that has everything is accepted', async () => {
  expect(await tested(broker(), broker())).toEqual({ clusterId: 'canned', brokers: 2 })
})

const { produce, endTxn, fetch } = wireVersions

test.each([
  ['with transaction.version 1', { level: 1 }, /transaction\.version 1, 2 is needed/],
  ['before transaction.version', { level: 0 }, /transaction\.version 0, 2 is needed/],
  ['that is too old for a request', { ranges: { [produce.api]: { min: 3, max: 11 } } }, /does not speak Produce version 12/],
  ['that is too new for a request', { ranges: { [fetch.api]: { min: 12, max: 20 } } }, /does not speak Fetch version 11/],
  ['without a request', { ranges: { [endTxn.api]: undefined } }, /does not speak EndTxn version 5/],
  ['that does not know how it is asked', { error: 35 }, /does not answer ApiVersions version 3/],
])('a broker %s is refused by name, and what to do is said', async (_, change, why) => {
  const message = expect.stringMatching(new RegExp(`^KAFKA_UNSUPPORTED .*broker 2 at b2:9092.*${why.source}.*To fix: use Kafka >= 4\\.0`))
  await expect(tested(broker(), broker(change))).rejects.toMatchObject({ code: 'KAFKA_UNSUPPORTED', message })
})

test('the answer of a broker that is too old to know the question can be read', async () => {
  // Error 35, then version 0 of the answer: one range of six bytes behind a count of four.
  const oldest = Buffer.from([0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 2])
  const connections = new CannedConnections({ Metadata: () => metadataOf(1, {}) })
  connections.send = async (_, request) =>
    request.name === 'ApiVersions' ? request.decode(new ByteReader(oldest)) : (metadataOf(1, {}) as never)
  await expect(selfTest(new ClusterMap(connections), connections)).rejects.toMatchObject({ code: 'KAFKA_UNSUPPORTED' })
})
