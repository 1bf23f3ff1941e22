import { isTributaryError } from '../../schemas/errors.js'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { cutConnection, type Destination, type KafkajsBroker, type KafkajsClient } from './kafkajs-internals.js'
import { unreachable } from './request-errors.js'
import type { WireRequest } from './wire-request.js'

/** No answer came: refused, cut or timed out. Whether the broker acted on the request is not known. */
export class ConnectionLost extends Error {
  readonly code = 'CONNECTION_LOST'
}

export function isConnectionLost(error: unknown): error is ConnectionLost {
  return (error as { code?: unknown } | null)?.code === 'CONNECTION_LOST'
}

interface Entry {
  readonly to: Destination | undefined
  readonly broker: Promise<KafkajsBroker>
  /** Set while it is connected, as far as is known. */
  up: KafkajsBroker | undefined
}

const seed = -1

/**
 * One connection per broker for one purpose. A broker serves one request per connection at a time, so a long poll must
 * never share a connection with what is urgent (measured: seconds of delay): readers, writers and members have their own.
 */
export class Connections {
  readonly #client: KafkajsClient
  readonly #entries = new Map<number, Entry>()
  /** Ends the wait of each request that is under way. */
  readonly #waiting = new Set<(error: Error) => void>()
  #closed = false
  #losses = 0

  constructor(client: KafkajsClient) {
    this.#client = client
  }

  /** Grows with each connection that ended while it was wanted: its broker may have died, or started anew, since. */
  get losses(): number {
    for (const entry of this.#entries.values()) {
      if (entry.up === undefined || entry.up.isConnected()) continue
      entry.up = undefined
      this.#losses++
    }
    return this.#losses
  }

  /** Sends to a broker; without a destination to any of the configured ones. Throws `ConnectionLost` when no answer came. */
  async send<Answer>(to: Destination | undefined, request: WireRequest<Answer>): Promise<Answer> {
    const closed = (cause?: unknown) => unreachable(`sending ${request.name}: the log was closed`, cause)
    // Not a lost connection: nobody shall try again.
    if (this.#closed) throw closed()
    const entry = this.#entry(to)
    let answer: Buffer
    try {
      answer = await this.#untilClosed(exchange(entry, request))
    } catch (cause) {
      // A timed-out request leaves its answer on the way: a fresh connection cannot confuse it with another's.
      this.#losses++
      await this.#drop(entry)
      if (isTributaryError(cause)) throw cause
      if (this.#closed) throw closed(cause)
      const whom = to === undefined ? 'any broker' : `${to.host}:${to.port}`
      throw new ConnectionLost(`sending ${request.name} to ${whom}: ${(cause as Error).message}`, { cause })
    }
    const reader = new ByteReader(answer)
    if (request.flexible && request.plainAnswerHeader !== true) reader.tags()
    return request.decode(reader)
  }

  /** Ends the connections, whatever is under way on them; the next request opens new ones. */
  async cut(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(entry => this.#drop(entry)))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const end of this.#waiting) end(new Error('closed'))
    await this.cut()
  }

  /** A connection that is still being made cannot be cut: whoever waits for it must not wait for its deadline when the log is closed. */
  #untilClosed<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    })
  }

  #entry(to: Destination | undefined): Entry {
    const node = to?.node ?? seed
    const known = this.#entries.get(node)
    if (known !== undefined && known.to?.host === to?.host && known.to?.port === to?.port) return known
    // A broker that came back under another address: the old connection ends by itself.
    const entry: Entry = { to, broker: this.#client.makeBroker(to), up: undefined }
    this.#entries.set(node, entry)
    if (known !== undefined) void end(known)
    return entry
  }

  /** Only while it is the current one: a late error of an old connection must not end its successor. */
  async #drop(entry: Entry): Promise<void> {
    const node = entry.to?.node ?? seed
    if (this.#entries.get(node) !== entry) return
    this.#entries.delete(node)
    await end(entry)
  }
}

async function exchange(entry: Entry, request: WireRequest<unknown>): Promise<Buffer> {
  const broker = await entry.broker
  if (!broker.isConnected()) await broker.connect()
  entry.up = broker
  return (await broker.connectionPool.send({
    request: { apiKey: request.api, apiVersion: request.version, apiName: request.name, encode: async () => encoded(request) },
    // Decoded after the call: what a decoder throws is not a connection's fault.
    response: { decode: async raw => ({ clientSideThrottleTime: 0, raw }), parse: async data => data.raw },
    requestTimeout: request.timeoutMs ?? null,
    logResponseError: false,
  })) as Buffer
}

async function end(entry: Entry): Promise<void> {
  const broker = await entry.broker.catch(() => undefined)
  if (broker !== undefined) await cutConnection(broker).catch(() => undefined)
}

function encoded(request: WireRequest<unknown>): ByteWriter {
  const out = new ByteWriter(request.sizeHint)
  if (request.flexible) out.tags()
  request.encode(out)
  return out
}
