/** A message as it was received. */
export interface QueueMessage {
  /** The same at every delivery. */
  readonly id: string
  /** Of this delivery. */
  readonly receipt: string
  readonly body: string
}

/**
 * The queue port: messages come at least once, in any order. A received message is hidden from others for a while; when it is not deleted
 * by then, it comes again. Two implementations pass one contract suite: SQS (`runtime/s3/sqs-queue.ts`) and memory.
 */
export interface EventQueue {
  /** Up to ten messages; waits up to twenty seconds for the first, none = []. Resolves with [] when the signal aborts. */
  receive(hiddenSeconds: number, signal: AbortSignal): Promise<readonly QueueMessage[]>
  /** Hidden from now on for so long; 0 = shown to others again. A receipt that is not valid any more changes nothing. */
  hide(message: QueueMessage, seconds: number): Promise<void>
  delete(message: QueueMessage): Promise<void>
  close(): void
}
