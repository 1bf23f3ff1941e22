import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import { shownAddress, splitLogin } from '../../schemas/secrets.js'
import type { Clock } from '../clock.js'
import { describe, type Logger } from '../logger.js'
import type { Registry } from './registry.js'

/** There was no answer, or one that no registry gives, as of a proxy whose registry is away: the same request may get one later. */
class NoAnswer extends Error {}

/** The client says 400 also where there was no answer, and then a bare text instead of the JSON of a registry's own 400. */
const bareText = /Error, status 400: (?!\[object)/
/** 0 = no answer; null = nothing was asked, since the client takes the schema for none. */
function statusOf(error: unknown): number | null {
  const { status, message } = error as { status?: number; message?: string }
  return error instanceof NoAnswer || bareText.test(message ?? '') ? 0 : (status ?? null)
}
const mayPass = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500
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
  // fetch refuses a URL with user information, and every message that names the URL would show it: it goes into a header.
  const { url: bare, login } = splitLogin(url)
  const host = bare.replace(/\/$/, '')
  const auth = login && { username: login.user, password: login.password }
  // The client's own retries are off: waiting is ours, so that it is said.
  const client = new SchemaRegistry({ host, retry: { retries: 0 }, ...(auth ? { auth } : {}), middlewares: [requireJson] })
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
        if (status === null || !mayPass(status)) throw error
        const late = clock.monotonic() - began >= giveUpMs
        if (late) {
          const text = `${doing}: no answer for ${giveUpMs / 1000} s (${describe(error)})`
          throw new TributaryError('REGISTRY_UNREACHABLE', text, { cause: error })
        }
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
      const doing = `asking for schema ${id}`
      try {
        return await patiently(doing, () => schemaText(`${host}/schemas/ids/${id}`, headers, waitMs))
      } catch (error) {
        if (isTributaryError(error)) throw error
        throw new TributaryError('SCHEMA_UNKNOWN', `${doing}: ${describe(error)}`, { cause: error })
      }
    },
  }
}

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number]

/** The client takes whatever has status 200 for an answer of a registry, and finds no id in it. */
const requireJson: Middleware = () => ({
  async response(next) {
    const response = await next()
    if (response.request().method() !== 'put' && typeof response.data() !== 'object')
      throw new NoAnswer('the answer is not of a schema registry')
    return response
  },
})

/** Of `schemas/ids/<id>`; null = the registry does not know the id. */
async function schemaText(url: string, headers: Readonly<Record<string, string>>, waitMs: number): Promise<string | null> {
  const noAnswer = (why: unknown): never => {
    throw new NoAnswer(describe(why))
  }
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(waitMs) }).catch(noAnswer)
  if (answer.status === 404) return null
  if (!answer.ok) throw Object.assign(new Error(`HTTP ${answer.status}`), { status: answer.status })
  const { schema } = (await answer.json().catch(noAnswer)) as { schema?: unknown }
  return typeof schema === 'string' ? schema : noAnswer('the answer is not of a schema registry')
}

async function answered<T>(call: Promise<T>, waitMs: number, clock: Clock): Promise<T> {
  const over = new AbortController()
  const late = clock.sleep(waitMs, over.signal).then((): never => {
    throw new NoAnswer(`no answer after ${waitMs / 1000} s`)
  })
  // When the answer wins, nobody waits for this one any more.
  late.catch(() => undefined)
  try {
    return await Promise.race([call, late])
  } finally {
    over.abort()
  }
}
