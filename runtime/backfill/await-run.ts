import { TributaryError } from '../../schemas/errors.js'
import { waitForAll } from '../datasets/wait.js'
import { describe } from '../logger.js'
import type { Services } from '../services.js'
import { watchAbsentRoles } from './absent-roles.js'
import type { BackfillEvents } from './request.js'
import { routeIsPast } from './seal.js'

/** Without `--wait` sealing is left to the next run of the same request when no processor moves for this long. */
const patienceMs = 30_000

/** How long a run is waited for once all of it is sent; absent = it only looks whether route works. */
export interface RunWait {
  /** null = as long as it takes. */
  readonly timeoutMs: number | null
}

export interface RunWaiting {
  /** True when route is past these offsets of `xapi`. False: nobody moved, and nobody is to be waited for. */
  route(ends: readonly number[]): Promise<boolean>
  /** Every dataset covers these offsets. */
  datasets(positions: readonly number[]): Promise<void>
  /** Aborts when the caller is stopped or the time is up. */
  readonly signal: AbortSignal
  /** Ends the watching. */
  close(): Promise<void>
}

/** Waits for what the roles make of a run, and notes at once when no process is there to do it. */
export function awaitRun(services: Services, wait: RunWait | null, events: BackfillEvents, stop: AbortSignal): RunWaiting {
  const { clock, logger } = services
  const over = new AbortController()
  const late = new AbortController()
  const signal = AbortSignal.any([stop, late.signal])
  const timeoutMs = wait?.timeoutMs ?? null
  if (timeoutMs !== null) void clock.sleep(timeoutMs, over.signal).then(() => over.signal.aborted || late.abort())
  const { absent, ended } = watchAbsentRoles(services, events.note, AbortSignal.any([signal, over.signal]))
  const watched = ended.catch((error: unknown) => logger.debug({}, `looking who runs: ${describe(error)}`))

  /** Whatever ended the wait, a time that is up is named as such. */
  function inTime(what: string): void {
    if (!late.signal.aborted) return
    const who = absent.names.length > 0 ? `, and no process runs ${absent.names.join(', ')}` : ''
    throw new TributaryError('INCOMPLETE', `waiting for ${what}: ${timeoutMs! / 1000} s are over${who}`)
  }

  return {
    signal,
    async route(ends) {
      const passed = await routeIsPast(services, ends, wait === null ? patienceMs : Number.POSITIVE_INFINITY, events, signal)
      if (!passed) inTime('route to pass the end of the run')
      if (!passed && stop.aborted) throw new TributaryError('INCOMPLETE', 'the backfill was stopped before its history was sealed')
      return passed
    },
    async datasets(positions) {
      try {
        await waitForAll(services, positions, signal)
      } catch (error) {
        inTime('the datasets to contain the run')
        throw error
      }
    },
    async close() {
      over.abort()
      await watched
    },
  }
}
