import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** A process id alone is recycled by the system; with its start time it names one process for ever, so a stranger is never killed. */
export interface OwnedProcess {
  readonly pid: number
  readonly started: string
}

/** The running process with this id, or null. */
export function identify(pid: number): OwnedProcess | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid)
  return started === null ? null : { pid, started }
}

export function isAlive(owned: OwnedProcess): boolean {
  return identify(owned.pid)?.started === owned.started
}

/**
 * `/proc/<pid>/stat` → start time in ticks since boot, or null for a zombie (a container's first process may never reap it). A killed JVM's
 * first thread is a zombie while others still end: until the last one is gone its ports and files are held, and it is not dead.
 */
export function startTicks(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0] ?? 'X'
  const threads = Number(fields[17])
  return (state === 'Z' || state === 'X') && !(threads > 1) ? null : (fields[19] ?? null)
}

function startedOnLinux(pid: number): string | null {
  try {
    const ticks = startTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return ticks === null ? null : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)}/${ticks}`
  } catch {
    return null
  }
}

function startedByPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
    }).trim()
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '')
  } catch {
    return null
  }
}

/** SIGTERM, then SIGKILL after the deadline; resolves with true when the process is really gone. */
export async function terminate(owned: OwnedProcess, deadlineMs: number): Promise<boolean> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    send(owned, signal)
    if (await gone(owned, signal === 'SIGTERM' ? deadlineMs : 10_000)) return true
  }
  return false
}

function send(owned: OwnedProcess, signal: NodeJS.Signals): void {
  if (!isAlive(owned)) return
  try {
    process.kill(owned.pid, signal)
  } catch {
    // It ended between the question and the signal.
  }
}

async function gone(owned: OwnedProcess, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (isAlive(owned)) {
    if (performance.now() > deadline) return false
    await pause(20)
  }
  return true
}
