import { readFileSync } from 'node:fs'

/** What a process has used so far (Linux). */
export interface Usage {
  readonly cpuMs: number
  /** Anonymous memory in MB: mapped files (LMDB) are the page cache's, not the process's. */
  readonly anonMb: number
}

const ticksPerSecond = 100

export function usageOf(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    const anon = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return { cpuMs: ((Number(stat[11]) + Number(stat[12])) * 1000) / ticksPerSecond, anonMb: Number(anon?.[1] ?? 0) / 1024 }
  } catch {
    return null
  }
}

/** Watches processes: CPU between start and `sum`, peak of anonymous memory. */
export function watch(pids: Readonly<Record<string, number>>) {
  const first = new Map<string, Usage>()
  const last = new Map<string, Usage>()
  const peak = new Map<string, number>()
  const sample = () => {
    for (const [name, pid] of Object.entries(pids)) {
      const usage = usageOf(pid)
      if (usage === null) continue
      if (!first.has(name)) first.set(name, usage)
      last.set(name, usage)
      peak.set(name, Math.max(peak.get(name) ?? 0, usage.anonMb))
    }
  }
  sample()
  const timer = setInterval(sample, 100)
  return {
    add(name: string, pid: number) {
      Object.assign(pids, { [name]: pid })
      first.set(name, { cpuMs: 0, anonMb: 0 })
    },
    /** Per statement and in all. */
    sum(statements: number) {
      sample()
      clearInterval(timer)
      const micros = (name: string, usage: Usage) => Number((((usage.cpuMs - first.get(name)!.cpuMs) * 1000) / statements).toFixed(1))
      return {
        cpuMicrosPerStatement: Object.fromEntries([...last].map(([name, usage]) => [name, micros(name, usage)])),
        peakAnonMb: Object.fromEntries([...peak].map(([name, mb]) => [name, Math.round(mb)])),
      }
    },
  }
}
