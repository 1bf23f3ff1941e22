import { BackOff } from './back-off.js'
import { code, isCoordinatorBusy } from './broker-errors.js'
import type { ClusterMap } from './cluster-map.js'
import { type Connections, isConnectionLost } from './connections.js'
import type { Destination } from './kafkajs-internals.js'
import { refused, unreachable } from './request-errors.js'
import { type WireRequest, wireVersions } from './wire-request.js'

const keyType = { group: 0, transaction: 1 } as const

interface FoundCoordinator extends Destination {
  readonly error: number
}

function findCoordinatorRequest(key: string, kind: keyof typeof keyType): WireRequest<FoundCoordinator> {
  return {
    ...wireVersions.findCoordinator,
    encode: out => out.string(key).i8(keyType[kind]),
    decode: from => {
      from.i32()
      const error = from.i16()
      from.string()
      return { error, node: from.i32(), host: from.string() ?? '', port: from.i32() }
    },
  }
}

/** The broker that decides about one group or one transactional id. It is looked up again when it moves or is lost. */
export class Coordinator {
  readonly #map: ClusterMap
  readonly #connections: Connections
  readonly #key: string
  readonly #kind: keyof typeof keyType
  #known: Destination | undefined

  constructor(map: ClusterMap, connections: Connections, kind: keyof typeof keyType, key: string) {
    this.#map = map
    this.#connections = connections
    this.#kind = kind
    this.#key = key
  }

  /** One attempt: throws `ConnectionLost`, answers "not me" as it came. Either way the next one looks it up again. */
  async send<Answer extends { readonly error: number }>(request: WireRequest<Answer>): Promise<Answer> {
    const to = this.#known ?? (await this.#find())
    try {
      const answer = await this.#connections.send(to, request)
      this.#known = isCoordinatorBusy(answer.error) ? undefined : to
      return answer
    } catch (error) {
      this.#known = undefined
      throw error
    }
  }

  /** Repeats while the coordinator moves, is out of reach or still ends another transaction. Only for requests that may be repeated. */
  async insist<Answer extends { readonly error: number }>(request: WireRequest<Answer>, limitMs: number): Promise<Answer> {
    const backOff = new BackOff(limitMs)
    for (;;) {
      let lost: unknown
      let answer: Answer | undefined
      try {
        answer = await this.send(request)
      } catch (error) {
        if (!isConnectionLost(error)) throw error
        lost = error
      }
      if (answer !== undefined && !isCoordinatorBusy(answer.error) && answer.error !== code.concurrentTransactions) return answer
      if (backOff.expired) {
        if (answer === undefined) throw unreachable(`sending ${request.name} for ${this.#key}`, lost)
        return answer
      }
      await backOff.wait()
    }
  }

  async #find(): Promise<Destination> {
    const backOff = new BackOff(30_000)
    for (;;) {
      const found = await this.#map.sendToAny(findCoordinatorRequest(this.#key, this.#kind))
      if (found.error === code.none) return found
      // 15 while the coordinator's own topic is being made: seconds on a new cluster.
      if (!isCoordinatorBusy(found.error) || backOff.expired) throw refused(`finding the coordinator of ${this.#key}`, found.error)
      await backOff.wait()
    }
  }
}
