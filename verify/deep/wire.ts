/**
 * What the deep checker is lent to reach a broker: sockets, TLS, passwords and who leads a partition. What is asked and how the answer is
 * read is its own: the bytes of a request body go out, the bytes of the answer's body come back.
 */
export interface Wire {
  ask(topic: string, partition: number, request: WireQuestion): Promise<Buffer>
}

export interface WireQuestion {
  readonly api: number
  readonly version: number
  readonly name: string
  readonly body: Buffer
}
