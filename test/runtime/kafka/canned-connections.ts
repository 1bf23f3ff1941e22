import { Connections } from '../../../runtime/kafka/connections.js'
import type { Destination, KafkajsClient } from '../../../runtime/kafka/kafkajs-internals.js'
import type { ClusterMetadata } from '../../../runtime/kafka/metadata-request.js'
import type { WireRequest } from '../../../runtime/kafka/wire-request.js'

/** Answers by the name of the request, in place of brokers. An answer is what the request's `decode` would give. */
export class CannedConnections extends Connections {
  readonly sent: { readonly name: string; readonly node: number | undefined }[] = []
  readonly #answers: Readonly<Record<string, (node: number | undefined) => unknown>>

  constructor(answers: Readonly<Record<string, (node: number | undefined) => unknown>>) {
    super({} as KafkajsClient)
    this.#answers = answers
  }

  override async send<Answer>(to: Destination | undefined, request: WireRequest<Answer>): Promise<Answer> {
    this.sent.push({ name: request.name, node: to?.node })
    const answer = this.#answers[request.name]
    if (answer === undefined) throw new Error(`nobody answers ${request.name}`)
    return answer(to?.node) as Answer
  }
}

/** Brokers 1 to `count`; partition p of each topic is led by one of them in turn. */
export function metadataOf(count: number, topics: Readonly<Record<string, number>>): ClusterMetadata {
  const brokers = Array.from({ length: count }, (_, i) => ({ node: i + 1, host: `b${i + 1}`, port: 9092 }))
  const partitionsOf = (n: number) => Array.from({ length: n }, (_, partition) => ({ partition, leader: (partition % count) + 1 }))
  return {
    clusterId: 'canned',
    brokers,
    topics: Object.entries(topics).map(([name, n]) => ({ name, id: `id of ${name}`, error: 0, partitions: partitionsOf(n) })),
  }
}
