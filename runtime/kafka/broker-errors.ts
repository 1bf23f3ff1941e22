/** The broker error codes we act on; the others are named in messages by their number. */
export const code = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAlreadyExists: 36,
  invalidReplicationFactor: 38,
  notController: 41,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  concurrentTransactions: 51,
  storageError: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  memberIdRequired: 79,
  producerFenced: 90,
  unknownTopicId: 100,
} as const

const names = new Map<number, string>(Object.entries(code).map(([name, number]) => [number, name]))

export function errorName(number: number): string {
  return `broker error ${number}${names.has(number) ? ` ${names.get(number)}` : ''}`
}

/** The partition is or may be led elsewhere: ask for metadata, then again. */
const moved = new Set<number>([
  code.unknownTopicOrPartition,
  code.leaderNotAvailable,
  code.notLeader,
  code.replicaNotAvailable,
  code.networkException,
  code.storageError,
  code.fencedLeaderEpoch,
  code.unknownLeaderEpoch,
  code.offsetNotAvailable,
])

export function isMoved(number: number): boolean {
  return moved.has(number)
}

/** A produce with the same sequences may pass a moment later, and is dropped as a repeat if it already did. */
export function isProduceRetriable(number: number): boolean {
  return (
    moved.has(number) ||
    number === code.requestTimedOut ||
    number === code.notEnoughReplicas ||
    number === code.notEnoughReplicasAfterAppend ||
    number === code.concurrentTransactions ||
    isCoordinatorBusy(number)
  )
}

/** The coordinator moves or loads. */
export function isCoordinatorBusy(number: number): boolean {
  return number === code.coordinatorLoading || number === code.coordinatorNotAvailable || number === code.notCoordinator
}
