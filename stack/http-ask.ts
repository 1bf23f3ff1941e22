import { request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** One GET on a connection of its own; null when nobody answers in time. */
export function httpAsk(url: string, headers: Readonly<Record<string, string>>, withinMs: number): Promise<Answer | null> {
  return new Promise(resolve => {
    const asked = request(url, { headers: { ...headers, connection: 'close' }, agent: false, timeout: withinMs }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
      response.on('error', () => resolve(null))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(null))
    asked.end()
  })
}
