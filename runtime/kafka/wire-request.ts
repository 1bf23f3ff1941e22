import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'

/** One Kafka request of ours: what is sent, and how the answer is read. */
export interface WireRequest<Answer> {
  readonly api: number
  readonly name: string
  readonly version: number
  /** Flexible versions carry tagged fields in their headers too. */
  readonly flexible: boolean
  /** For requests that the broker holds back on purpose: how long it may take, above the connection's own limit. */
  readonly timeoutMs?: number
  /** ApiVersions alone: its answer has the oldest header whatever the version, because nothing is agreed yet. */
  readonly plainAnswerHeader?: true
  /** Bytes to start the buffer with. */
  readonly sizeHint?: number
  encode(out: ByteWriter): void
  decode(from: ByteReader): Answer
}

/** Every request version we send; the self test compares it with what the brokers offer. */
export const wireVersions = {
  produce: { api: 0, name: 'Produce', version: 12, flexible: true },
  fetch: { api: 1, name: 'Fetch', version: 11, flexible: false },
  listOffsets: { api: 2, name: 'ListOffsets', version: 3, flexible: false },
  metadata: { api: 3, name: 'Metadata', version: 12, flexible: true },
  offsetCommit: { api: 8, name: 'OffsetCommit', version: 5, flexible: false },
  findCoordinator: { api: 10, name: 'FindCoordinator', version: 2, flexible: false },
  joinGroup: { api: 11, name: 'JoinGroup', version: 5, flexible: false },
  heartbeat: { api: 12, name: 'Heartbeat', version: 3, flexible: false },
  leaveGroup: { api: 13, name: 'LeaveGroup', version: 2, flexible: false },
  syncGroup: { api: 14, name: 'SyncGroup', version: 3, flexible: false },
  describeGroups: { api: 15, name: 'DescribeGroups', version: 2, flexible: false },
  createTopics: { api: 19, name: 'CreateTopics', version: 5, flexible: true },
  deleteTopics: { api: 20, name: 'DeleteTopics', version: 5, flexible: true },
  initProducerId: { api: 22, name: 'InitProducerId', version: 4, flexible: true },
  endTxn: { api: 26, name: 'EndTxn', version: 5, flexible: true },
  writeTxnMarkers: { api: 27, name: 'WriteTxnMarkers', version: 1, flexible: true },
  describeConfigs: { api: 32, name: 'DescribeConfigs', version: 4, flexible: true },
  incrementalAlterConfigs: { api: 44, name: 'IncrementalAlterConfigs', version: 1, flexible: true },
  describeProducers: { api: 61, name: 'DescribeProducers', version: 0, flexible: true },
  describeTransactions: { api: 65, name: 'DescribeTransactions', version: 0, flexible: true },
  listTransactions: { api: 66, name: 'ListTransactions', version: 0, flexible: true },
} as const
