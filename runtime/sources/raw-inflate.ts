import { createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib'

export interface Inflated {
  readonly text: readonly Buffer[]
  /** How many of the bytes belong to the deflate data; fewer than were given = it has ended. */
  readonly used: number
}

/** The deflate data is damaged, or ends too early. All text of the pushes before has been given out; that of the failing one is lost. */
export class DamagedData extends Error {}

/** Text of data that has ended within these bytes; null = it has not, or is damaged, or its text is large. A stream takes 30 times as long. */
export function inflatedAtOnce(bytes: Buffer): Inflated | null {
  try {
    // What comes back with `info` has no type of its own.
    const given: unknown = inflateRawSync(bytes, { info: true, maxOutputLength: mostAtOnce })
    const { buffer, engine } = given as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }
    return { text: [buffer], used: engine.bytesWritten }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR' || code === 'ERR_BUFFER_TOO_LARGE') return null
    throw error
  }
}

const mostAtOnce = 1 << 20

/** zlib's inflate without its wrapping: after each push everything that the bytes so far contain is given out, and it is known where they end. */
export class RawInflate {
  readonly #stream: InflateRaw = createInflateRaw({ chunkSize: 64 << 10 })
  #text: Buffer[] = []
  #failure: Error | null = null
  #settle: () => void = () => undefined

  constructor() {
    this.#stream.on('data', (text: Buffer) => this.#text.push(text))
    // Bytes behind the end of the data: zlib then ends the stream, and calls nobody back for the write.
    this.#stream.on('end', () => this.#settle())
    this.#stream.on('error', (error: Error) => {
      this.#failure = error
      this.#settle()
    })
  }

  async push(bytes: Buffer): Promise<Inflated> {
    const before = this.#stream.bytesWritten
    await this.#settled(done => {
      // After a failure the error comes as an event, maybe behind this call.
      this.#stream.write(bytes, error => {
        if (!error) done()
      })
    })
    const text = this.#text
    this.#text = []
    return { text, used: this.#stream.bytesWritten - before }
  }

  /** No more bytes are there. Throws when the data has not ended. */
  async end(): Promise<void> {
    await this.#settled(() => this.#stream.end())
  }

  close(): void {
    this.#stream.destroy()
  }

  async #settled(act: (done: () => void) => void): Promise<void> {
    await new Promise<void>(resolve => {
      this.#settle = resolve
      act(resolve)
    })
    // What the stream has not handed over yet comes as `data` now.
    while (this.#failure === null && this.#stream.read() !== null);
    if (this.#failure === null) return
    const { code, message } = this.#failure as NodeJS.ErrnoException
    throw code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR' ? new DamagedData(message) : this.#failure
  }
}
