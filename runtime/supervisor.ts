import { TributaryError } from '../schemas/errors.js'
import { type Ended, type Spawn, spawnChild } from './child.js'
import type { Clock } from './clock.js'

/** A process that should always be there. */
export interface Supervised {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface SupervisorEvents {
  started(name: string, pid: number): void
  /** It ended unasked; `waitMs` until it is started again, null = it is given up. */
  died(name: string, pid: number | null, how: string, waitMs: number | null): void
  /** It did not end within the deadline and is killed. */
  killed(name: string, pid: number | null): void
}

export interface SupervisorOptions {
  readonly clock: Clock
  readonly events: SupervisorEvents
  /** Aborts = everything is stopped. */
  readonly signal: AbortSignal
  readonly spawn?: Spawn
  /** Waits before a restart: from, to; doubled at each death. */
  readonly waitMs?: { readonly first: number; readonly longest: number }
  /** From SIGTERM to SIGKILL. */
  readonly deadlineMs?: number
}

/**
 * The code of a role that ended because a server is away (EX_TEMPFAIL of sysexits.h). It is started again for ever and does not
 * count as a death: when the server comes back, everything goes on by itself.
 */
export const serverAwayExitCode = 75

/** The code of a role that cannot run as things are set (EX_CONFIG): starting it again would change nothing. */
export const cannotRunExitCode = 78

/** So many deaths in so long a time, and it is no accident any more. */
const tooMany = 5
const withinMs = 60_000
/** Who lasts so long has passed what is checked at a start. Refused, or with a server away, it counts from `withinMs` on: that takes its time. */
const steadyMs = 10_000

/**
 * Runs one process each until the signal aborts; then SIGTERM, a deadline, SIGKILL. Resolves when none is left.
 * A dead one is started again only after the operating system has reaped it: two of one name never run at once.
 *
 * One that never got to work ends all: it cannot run as things are set, or it dies five times within a minute; then it throws. One that has
 * worked is tried again for ever, at the longest interval, and the others go on: its trouble is no reason to stop what works.
 */
export async function supervise(wanted: readonly Supervised[], options: SupervisorOptions): Promise<void> {
  const stop = new AbortController()
  const forward = () => stop.abort()
  options.signal.addEventListener('abort', forward, { once: true })
  if (options.signal.aborted) stop.abort()
  const watched = wanted.map(async one => {
    try {
      await keepRunning(one, options, stop.signal)
    } finally {
      stop.abort()
    }
  })
  const ends = await Promise.allSettled(watched)
  options.signal.removeEventListener('abort', forward)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

async function keepRunning(one: Supervised, options: SupervisorOptions, signal: AbortSignal): Promise<void> {
  const { clock, events } = options
  const { first, longest } = options.waitMs ?? { first: 200, longest: 30_000 }
  const deaths: number[] = []
  let waitMs = first
  let hasWorked = false
  while (!signal.aborted) {
    const began = clock.monotonic()
    const { pid, ended } = await runOnce(one, options, signal)
    if (signal.aborted) return
    const now = clock.monotonic()
    if (now - began > withinMs) waitMs = first
    if (ended.code !== serverAwayExitCode) deaths.push(now)
    while (deaths[0] !== undefined && now - deaths[0] > withinMs) deaths.shift()
    const how = howText(ended)
    const refused = ended.code === cannotRunExitCode
    hasWorked ||= now - began > (refused || ended.code === serverAwayExitCode ? withinMs : steadyMs)
    if (refused || deaths.length >= tooMany) {
      if (!hasWorked) {
        events.died(one.name, pid, how, null)
        const often = refused ? '' : ` ${tooMany} times within a minute, the last time`
        throw new TributaryError('ROLE_KEEPS_ENDING', `running ${one.name}: it ended${often} ${how}`)
      }
      waitMs = longest
    }
    events.died(one.name, pid, how, waitMs)
    await clock.sleep(waitMs, signal)
    waitMs = Math.min(waitMs * 2, longest)
  }
}

/** From the start of one process until it is reaped. */
async function runOnce(one: Supervised, options: SupervisorOptions, signal: AbortSignal): Promise<{ pid: number | null; ended: Ended }> {
  const child = (options.spawn ?? spawnChild)(one.command, one.args, one.env, one.name)
  if (child.pid !== null) options.events.started(one.name, child.pid)
  const reaped = new AbortController()
  const stop = async () => {
    child.kill('SIGTERM')
    await options.clock.sleep(options.deadlineMs ?? 20_000, reaped.signal)
    if (reaped.signal.aborted) return
    options.events.killed(one.name, child.pid)
    child.kill('SIGKILL')
  }
  const onAbort = () => void stop()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const ended = await child.ended
  signal.removeEventListener('abort', onAbort)
  reaped.abort()
  return { pid: child.pid, ended }
}

function howText({ code, signal, error }: Ended): string {
  if (error !== null) return `without starting (${error})`
  if (signal !== null) return `by ${signal}`
  if (code === serverAwayExitCode) return 'because a server is away or the disk is full'
  return code === cannotRunExitCode ? 'because it cannot run as things are set' : `with exit code ${code}`
}
