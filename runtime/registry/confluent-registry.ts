import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { shownAddress, splitLogin } from '../../schemas/secrets.js'
import type { Clock } from '../clock.js'
import { describe, type Logger } from '../logger.js'
import type { Registry } from './registry.js'

/** The client says 400 also when nobody answered; of that only the text tells. A registry's own 400 has a text of its own. */
const nobody =
  /Error, status 400: .*(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|socket hang up|socket disconnected|Timeout)/
const statusOf = (error: unknown) => (nobody.test(describe(error)) ? 0 : ((error as { status?: number }).status ?? 0))
/** The client makes an error of its own of "not found", and drops the status. */
const orAbsent = (error: unknown): null => {
  if (statusOf(error) === 404 || (error as Error).name === 'ConfluentSchemaRegistryError') return null
  throw error
}
const alreadySet = (error: unknown) => /already exists|Compatibility does not match/i.test(describe(error))

/** A request that nobody answers is sent again; the client itself would wait for ever. */
const answerMs = 10_000

export interface RegistryPatience {
  /** Of one request. */
  readonly waitMs?: number
  /** Of all tries of one call; absent = until it answers. */
  readonly giveUpMs?: number | undefined
}

/**
 * Registry over a Confluent-compatible server. While it does not answer, every call waits and says so once a while:
 * a worker without schemas could only lose or guess. For a person who waits for a command there is a limit.
 */
export function confluentRegistry(
  url: string,
  clock: Clock,
  logger: Logger,
  signal?: AbortSignal,
  { waitMs = answerMs, giveUpMs = Number.POSITIVE_INFINITY }: RegistryPatience = {},
): Registry {
  // A request with user information in its URL is refused by fetch, and shown by whoever shows the URL: it goes into a header.
  const { url: bare, login } = splitLogin(url)
  const host = bare.replace(/\/$/, '')
  const auth = login && { username: login.user, password: login.password }
  // The client's own retries are off: waiting is ours, so that it is said.
  const client = new SchemaRegistry({ host, retry: { retries: 0 }, ...(auth ? { auth } : {}) })
  const headers: Record<string, string> = login
    ? { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` }
    : {}

  async function patiently<T>(doing: string, call: () => Promise<T>): Promise<T> {
    const began = clock.monotonic()
    let said = Number.NEGATIVE_INFINITY
    for (let wait = 200; ; wait = Math.min(wait * 1.5, 5000)) {
      try {
        return await answered(call(), waitMs, clock)
      } catch (error) {
        const status = statusOf(error)
        if (status === 401 || status === 403) throw new TributaryError('REGISTRY_REFUSED', `${doing}: HTTP ${status}`, { cause: error })
        if (status > 0 && status < 500 && status !== 408 && status !== 429) throw error
        const late = clock.monotonic() - began >= giveUpMs
        if (late) throw new TributaryError('REGISTRY_UNREACHABLE', `${doing}: no answer for ${giveUpMs / 1000} s`, { cause: error })
        if (signal?.aborted) throw new TributaryError('REGISTRY_UNREACHABLE', doing, { cause: error })
        if (clock.monotonic() - said > 10_000) {
          said = clock.monotonic()
          logger.warn({ url: shownAddress(host) }, `${doing}: waiting for the schema registry (${describe(error)})`)
        }
        await clock.sleep(wait, signal)
      }
    }
  }

  return {
    async register(subject, schema) {
      for (let attempt = 1; ; attempt++) {
        try {
          const { id } = await patiently(`registering ${subject}`, () =>
            client.register({ type: SchemaType.AVRO, schema }, { subject, compatibility: COMPATIBILITY.BACKWARD }),
          )
          return id
        } catch (error) {
          // Two processes that register a new subject at once clash on its compatibility rule (measured): the second call works.
          if (alreadySet(error) && attempt < 5) {
            await clock.sleep(50 * attempt)
            continue
          }
          if (isTributaryError(error)) throw error
          throw new TributaryError('SCHEMA_REFUSED', `registering ${subject}: ${describe(error)}`, { cause: error })
        }
      }
    },
    async find(subject, schema) {
      try {
        return await patiently(`looking for ${subject}`, () =>
          client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema }).catch(orAbsent),
        )
      } catch (error) {
        if (isTributaryError(error)) throw error
        throw new TributaryError('SCHEMA_UNKNOWN', `looking for ${subject}: ${describe(error)}`, { cause: error })
      }
    },
    async schema(id) {
      const response = await patiently(`asking for schema ${id}`, async () => {
        const answer = await fetch(`${host}/schemas/ids/${id}`, { headers, signal: AbortSignal.timeout(waitMs) })
        if (answer.status >= 500 || answer.status === 401 || answer.status === 403)
          throw Object.assign(new Error(`HTTP ${answer.status}`), { status: answer.status })
        return answer
      })
      if (response.status === 404) return null
      if (!response.ok) throw new TributaryError('SCHEMA_UNKNOWN', `asking for schema ${id}: HTTP ${response.status}`)
      return ((await response.json()) as { schema: string }).schema
    },
  }
}

async function answered<T>(call: Promise<T>, waitMs: number, clock: Clock): Promise<T> {
  const over = new AbortController()
  const late = clock.sleep(waitMs, over.signal).then((): never => {
    throw new Error(`no answer after ${waitMs / 1000} s`)
  })
  // When the answer wins, nobody waits for this one any more.
  late.catch(() => undefined)
  try {
    return await Promise.race([call, late])
  } finally {
    over.abort()
  }
}
