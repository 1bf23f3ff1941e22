import { Writable } from 'node:stream'
import type { OutputStream } from '../../commands/terminal/output.js'

/** A stream that remembers its text. */
export function capture(terminal: { readonly columns: number } | null = null): OutputStream & { readonly text: () => string } {
  const parts: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      parts.push(String(chunk))
      done()
    },
  })
  return Object.assign(stream, { text: () => parts.join(''), isTTY: terminal !== null, columns: terminal?.columns ?? 80 })
}
