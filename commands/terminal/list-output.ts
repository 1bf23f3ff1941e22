import type { OutputStream } from './output.js'
import { columnsOf, wrap } from './wrap.js'

/** A result that comes piece by piece and may be of any length: nothing of it is held. */
export interface ListOutput {
  /**
   * Asks for one of the two texts only; `json` is one line. Resolves when there is room for more. False = nobody reads any more
   * (`| head`): end, it is no error.
   */
  item(json: () => string, people: () => string): Promise<boolean>
  end(): void
}

/** With `--json`: `array` is one document with an item a line; `lines`, for what may never end, is a document a line. */
export type ListForm = 'array' | 'lines'

export function listOutput(stream: OutputStream, json: boolean, form: ListForm): ListOutput {
  const writer = patientWriter(stream)
  if (!json) return { item: (_, people) => writer.write(`${wrap(people(), columnsOf(stream))}\n`), end: () => undefined }
  if (form === 'lines') return { item: text => writer.write(`${text()}\n`), end: () => undefined }
  let begun = false
  return {
    item(text) {
      const before = begun ? ',\n' : '[\n'
      begun = true
      return writer.write(before + text())
    },
    end: () => void stream.write(begun ? '\n]\n' : '[]\n'),
  }
}

/** Writes no faster than the reader takes it, and knows when the reader is gone. */
function patientWriter(stream: OutputStream): { write(text: string): Promise<boolean> } {
  let gone = false
  let wake = () => undefined as unknown
  for (const event of ['close', 'error'])
    stream.on(event, () => {
      gone = true
      wake()
    })
  stream.on('drain', () => wake())
  return {
    async write(text) {
      if (gone) return false
      if (!stream.write(text))
        await new Promise<void>(resolve => {
          wake = resolve
          if (gone) resolve()
        })
      return !gone
    },
  }
}
