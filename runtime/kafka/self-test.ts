import { TributaryError } from '../../schemas/errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import type { Destination } from './kafkajs-internals.js'
import { type WireRequest, wireVersions } from './wire-request.js'

interface BrokerVersions {
  readonly error: number
  readonly ranges: ReadonlyMap<number, { readonly min: number; readonly max: number }>
  /** Features of the whole cluster, with the level that is switched on. */
  readonly finalized: ReadonlyMap<string, number>
}

const finalizedFeatures = 2

/** Version 3 and its tagged fields: kafkajs's own asks an older one, without the features. */
const apiVersionsRequest: WireRequest<BrokerVersions> = {
  api: 18,
  name: 'ApiVersions',
  version: 3,
  flexible: true,
  plainAnswerHeader: true,
  encode: out => out.compactString('tributary').compactString('0').tags(),
  decode: from => {
    const error = from.i16()
    const ranges = new Map<number, { min: number; max: number }>()
    // A broker that does not know the version answers in the oldest one.
    if (error !== 0) return { error, ranges, finalized: new Map() }
    from.compactArray(() => {
      ranges.set(from.i16(), { min: from.i16(), max: from.i16() })
      from.tags()
    })
    from.i32()
    const finalized = new Map<string, number>()
    from.tagged((tag, field) => {
      if (tag !== finalizedFeatures) return
      field.compactArray(() => {
        finalized.set(field.compactString() ?? '', field.i16())
        field.i16()
        field.tags()
      })
    })
    return { error, ranges, finalized }
  },
}

/** A mistake in the broker list should show soon; a cluster that is just starting gets a moment. */
const limitMs = 5_000

/**
 * Every broker is asked: during a rolling upgrade they differ. One that just died is listed until its session is over, and must not keep
 * anybody from starting: who does not answer is passed over, as long as another one does.
 */
export async function selfTest(map: ClusterMap, connections: Connections): Promise<{ clusterId: string; brokers: number }> {
  const { clusterId, brokers } = await map.refresh([], limitMs)
  const asked = await Promise.allSettled(brokers.map(broker => testBroker(connections, broker)))
  const failures = asked.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  const failure = failures.find(reason => !isConnectionLost(reason)) ?? (failures.length === brokers.length ? failures[0] : undefined)
  if (failure !== undefined) throw failure
  return { clusterId, brokers: brokers.length }
}

async function testBroker(connections: Connections, broker: Destination): Promise<void> {
  const versions = await connections.send(broker, apiVersionsRequest)
  const who = `broker ${broker.node} at ${broker.host}:${broker.port}`
  if (versions.error !== 0) throw new TributaryError('KAFKA_UNSUPPORTED', `${who} does not answer ApiVersions version 3`)
  const missing = Object.values(wireVersions).filter(({ api, version }) => {
    const range = versions.ranges.get(api)
    return range === undefined || version < range.min || version > range.max
  })
  if (missing.length > 0)
    throw new TributaryError('KAFKA_UNSUPPORTED', `${who} does not speak ${missing.map(m => `${m.name} version ${m.version}`).join(', ')}`)
  const level = versions.finalized.get('transaction.version') ?? 0
  if (level < 2) throw new TributaryError('KAFKA_UNSUPPORTED', `${who} has transaction.version ${level}, 2 is needed`)
}
