import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'

/** What a role writes into its folder every few seconds, for `health`: that it is alive, and what does not get on. */
export interface RoleReport {
  /** It has found servers, topics and schemas as they must be. */
  started(): void
  /** A task, or what else is tried again, was stopped by an error. */
  failed(what: string, why: string): void
  /** It runs again. Only when it does so for a while it gets on. */
  runs(what: string): void
  /** It gets on, or nobody tries it any more. */
  over(what: string): void
  close(): void
}

/** Times are seconds since the machine started: a clock that is set does not change them, and all its processes know the same. */
interface Written {
  readonly at: number
  /** null = it has started. */
  readonly startingSince: number | null
  readonly failing: readonly { readonly what: string; readonly times: number; readonly why: string }[]
}

const everyMs = 5_000
/** What runs so long is well. */
const healthySeconds = 60
const fileOf = (folder: string) => join(folder, 'report')

export function openRoleReport(folder: string): RoleReport {
  const failing = new Map<string, { times: number; why: string; since: number | null }>()
  let startingSince: number | null = uptime()
  const forget = () => {
    for (const [what, { since }] of failing) if (since !== null && uptime() - since >= healthySeconds) failing.delete(what)
  }
  const write = () => {
    forget()
    const written: Written = {
      at: uptime(),
      startingSince,
      failing: Array.from(failing, ([what, { times, why }]) => ({ what, times, why })),
    }
    try {
      // Renamed: who reads it finds all of it.
      writeFileSync(`${fileOf(folder)}.new`, JSON.stringify(written))
      renameSync(`${fileOf(folder)}.new`, fileOf(folder))
    } catch {
      // Then the old one grows old, and that says it.
    }
  }
  write()
  const timer = setInterval(write, everyMs)
  timer.unref()
  return {
    started() {
      startingSince = null
      write()
    },
    failed(what, why) {
      forget()
      failing.set(what, { times: (failing.get(what)?.times ?? 0) + 1, why, since: null })
    },
    runs(what) {
      const known = failing.get(what)
      if (known !== undefined) failing.set(what, { ...known, since: uptime() })
    },
    over: what => void failing.delete(what),
    close: () => clearInterval(timer),
  }
}

/** Six reports missed. */
const silentSeconds = 30
/** A registry or a Kafka that comes up beside it takes less. */
const startSeconds = 60
/** One stop heals itself: leaders move, servers restart. */
const timesInARow = 3

/** Why the role that holds the folder does not get on; empty = it does, as far as it says. */
export function troublesOf(folder: string): readonly string[] {
  let written: Written
  try {
    written = JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Written
  } catch {
    return ['it does not report']
  }
  const now = uptime()
  if (now - written.at > silentSeconds) return [`it has not reported for ${Math.round(now - written.at)} s`]
  if (written.startingSince !== null && now - written.startingSince > startSeconds)
    return [`it has been starting for ${Math.round(now - written.startingSince)} s: a server is away`]
  return written.failing.filter(({ times }) => times >= timesInARow).map(({ what, times, why }) => `${what} stopped ${times} times: ${why}`)
}
