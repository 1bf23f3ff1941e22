import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What goes through: a whole Kafka request or answer, or (of a proxy that does not know Kafka) whatever bytes came at once. */
export interface Passing {
  readonly from: 'client' | 'server'
  /** The Kafka request that this is or answers; -1 of other protocols. */
  readonly api: number
}

/**
 * `pass`; `hold`: kept until the rule changes, as on a line that is down for a while; `swallow`: gone, the connection stays open;
 * `cut`: both ends are reset; `torn`: half of it is passed on, then reset; `end`: passed on, then this side says that it is finished, the other
 * stays open; a delay in milliseconds; an answer of ours instead, then the end.
 */
export type Verdict = 'pass' | 'hold' | 'swallow' | 'cut' | 'torn' | 'end' | { readonly delayMs: number } | { readonly answer: string }
export type Rule = (passing: Passing) => Verdict

/** Between clients and one server. */
export interface FaultProxy {
  readonly port: number
  /** From now on, for old connections and new ones. */
  rule(rule: Rule): void
  close(): Promise<void>
}

const passAll: Rule = () => 'pass'

export async function startProxy(targetPort: number, protocol: 'kafka' | 'bytes'): Promise<FaultProxy> {
  let rule = passAll
  const waiting: (() => void)[] = []
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, client => {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const cut = () => {
      for (const socket of [client, target]) {
        socket.destroy()
        open.delete(socket)
      }
    }
    const apis = new Map<number, number>()
    for (const [from, source, sink] of [
      ['client', client, target],
      ['server', target, client],
    ] as const) {
      open.add(source)
      source.setNoDelay(true)
      source.on('error', cut)
      source.on('close', cut)
      const one = { from, source, sink, cut, rule: () => rule, changed: () => new Promise<void>(resolve => waiting.push(resolve)) }
      pump(one, protocol === 'kafka' ? kafkaFrames(from, apis) : bytes)
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    rule(next) {
      rule = next
      for (const resume of waiting.splice(0)) resume()
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

interface Direction {
  readonly from: Passing['from']
  readonly source: Socket
  readonly sink: Socket
  cut(): void
  rule(): Rule
  changed(): Promise<void>
}

interface Frame {
  readonly api: number
  readonly bytes: Buffer
}
type Cutter = (chunk: Buffer) => readonly Frame[]

/** One after the other, so that what is held or delayed keeps its order. */
function pump(one: Direction, cutter: Cutter): void {
  const { source, sink } = one
  let last: Promise<void> = Promise.resolve()
  source.on('data', (chunk: Buffer) => {
    const arrived = Date.now()
    for (const frame of cutter(chunk)) last = last.then(() => pass(one, frame, arrived))
  })
  source.on('end', () => {
    last = last.then(() => void sink.end())
  })
}

async function pass(one: Direction, { api, bytes }: Frame, arrived: number): Promise<void> {
  const { from, source, sink, cut } = one
  let verdict = one.rule()({ from, api })
  while (verdict === 'hold') {
    await one.changed()
    verdict = one.rule()({ from, api })
  }
  if (sink.destroyed || verdict === 'swallow') return
  if (verdict === 'cut') return cut()
  if (verdict === 'pass') return void sink.write(bytes)
  if (verdict === 'end') return void sink.end(bytes)
  if (verdict === 'torn') return void sink.write(bytes.subarray(0, bytes.length >> 1), cut)
  if ('answer' in verdict) return void source.end(verdict.answer)
  const leaves = arrived + verdict.delayMs
  await new Promise(resolve => setTimeout(resolve, leaves - Date.now()))
  if (!sink.destroyed) sink.write(bytes)
}

const bytes: Cutter = chunk => [{ api: -1, bytes: chunk }]

/** Cuts the stream into requests or answers: length, then (of a request) kind, version and number; an answer has the number of its request. */
function kafkaFrames(from: Passing['from'], apis: Map<number, number>): Cutter {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    const frames: Frame[] = []
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const bytes = rest.subarray(0, 4 + rest.readInt32BE(0))
      rest = rest.subarray(bytes.length)
      if (from === 'client') apis.set(bytes.readInt32BE(8), bytes.readInt16BE(4))
      const number = bytes.readInt32BE(from === 'client' ? 8 : 4)
      frames.push({ api: apis.get(number) ?? -1, bytes })
      if (from === 'server') apis.delete(number)
    }
    return frames
  }
}
