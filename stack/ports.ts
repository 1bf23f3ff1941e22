import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

const first = 20_000
const count = 10_000

/** Below the range from which systems give ports to outgoing connections, and different for every data folder. */
export function* portCandidates(seed: string): Generator<number> {
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0)
  for (let i = 0; i < count; i++) yield first + ((start + i) % count)
}

/** Keeps the remembered ports that are free and replaces the others; no two names share a port. */
export async function choosePorts(
  names: readonly string[],
  o: { remembered: Readonly<Record<string, number>>; taken: Set<number>; seed: string; isFree(port: number): Promise<boolean> },
): Promise<Record<string, number>> {
  const chosen: Record<string, number> = {}
  const candidates = portCandidates(o.seed)
  for (const name of names) {
    let port = o.remembered[name]
    while (port === undefined || !claim(port, o.taken) || !(await o.isFree(port))) {
      const next = candidates.next()
      if (next.done) throw new RangeError(`no free port between ${first} and ${first + count}`)
      port = next.value
    }
    chosen[name] = port
  }
  return chosen
}

/** Before the system is asked: two that choose at the same time must not both get the answer "free". */
function claim(port: number, taken: Set<number>): boolean {
  if (taken.has(port)) return false
  taken.add(port)
  return true
}

/** Asks the system by listening for a moment, the way the server itself will. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
