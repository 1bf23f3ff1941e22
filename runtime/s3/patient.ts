import { isTributaryError, TributaryError } from '../../schemas/errors.js'
import type { Clock } from '../clock.js'
import { throwMissingCredentials } from './credentials.js'

/** What an S3 client throws; without a status there was no answer. */
export interface S3Problem {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** Asks until there is an answer. `absent` = statuses that are an answer, not a problem: they give null. */
export type Ask = <T>(doing: string, call: () => Promise<T>, absent?: readonly number[]) => Promise<T | null>

const statusOf = (error: unknown) => (error as S3Problem).$metadata?.httpStatusCode ?? 0

/** Errors after which the same request may succeed: no answer at all, throttling, a server's own trouble, a conflict of concurrent writers. */
const mayPass = (status: number) => status === 0 || status === 409 || status === 429 || status >= 500

/**
 * Retries until the deadline. A request whose answer got lost may have had its effect: a conditional write that is sent again then finds
 * its own object, so "somebody has written it" can mean oneself.
 */
export function patient(clock: Clock, deadlineMs: number): Ask {
  return async (doing, call, absent = []) => {
    const giveUp = clock.monotonic() + deadlineMs
    for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
      try {
        return await call()
      } catch (error) {
        // Has its code already, so it is an answer: asking again until the deadline would hide it behind S3_UNREACHABLE.
        if (isTributaryError(error)) throw error
        throwMissingCredentials(doing, error)
        const status = statusOf(error)
        if (absent.includes(status)) return null
        const text = `${doing}: ${[...saidBy(error as S3Problem), `(HTTP ${status || 'no answer'})`].join(' ')}`
        if ((error as S3Problem).name === 'NoSuchBucket') throw new TributaryError('S3_BUCKET_MISSING', text, { cause: error })
        if (!mayPass(status)) throw new TributaryError('S3_REFUSED', text, { cause: error })
        if (clock.monotonic() + wait > giveUp) throw new TributaryError('S3_UNREACHABLE', text, { cause: error })
        await clock.sleep(wait)
      }
    }
  }
}

/** An answer to HEAD has no body, of which the SDK makes `Unknown UnknownError`: nothing that helps. */
function saidBy({ name, message }: S3Problem): readonly string[] {
  return [name, message].filter(text => text !== undefined && text !== 'Unknown' && text !== 'UnknownError') as string[]
}
