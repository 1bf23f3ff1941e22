import { type ListForm, type ListOutput, listOutput } from './list-output.js'
import { columnsOf, wrap } from './wrap.js'

/** A terminal, a pipe or a file; tests give an own one. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

/**
 * What people and scripts see. People: results on standard output, what happens on the way on standard error.
 * Scripts (`--json`): standard output is exactly one JSON document, written by `result` or by the error.
 */
export interface Output {
  readonly json: boolean
  /** Standard output when a person sits before it: it may be drawn on. */
  readonly terminal: OutputStream | null
  /** Where progress goes. */
  readonly progressStream: OutputStream
  /** Part of the result for people; with `--json` on standard error. */
  say(text: string): void
  /** What happens on the way: standard error. */
  note(text: string): void
  /** The result, once per command. `columns`: how wide a table may be, Infinity without a terminal. */
  result(document: unknown, people: (columns: number) => string): void
  /** In place of it a result of any length, piece by piece. */
  list(form: ListForm): ListOutput
  /** Something of the result is on standard output already: with `--json` an error must not be added to it. */
  readonly begun: boolean
}

type Streams = { readonly stdout: OutputStream; readonly stderr: OutputStream }

/** `redact` masks what nobody may see in notes: they repeat what servers and libraries say. A result is data, and stays as it is. */
export function makeOutput(streams: Streams, json: boolean, redact: (text: string) => string = text => text): Output {
  const line = (stream: OutputStream, text: string) => void stream.write(`${wrap(text, columnsOf(stream))}\n`)
  let given = false
  return {
    json,
    terminal: !json && streams.stdout.isTTY === true ? streams.stdout : null,
    get begun() {
      return given
    },
    progressStream: streams.stderr,
    say: text => line(json ? streams.stderr : streams.stdout, redact(text)),
    note: text => line(streams.stderr, redact(text)),
    result(document, people) {
      if (given) throw new Error('writing the result: a command has one')
      given = true
      if (json) {
        streams.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
        return
      }
      const text = people(columnsOf(streams.stdout))
      if (text !== '') line(streams.stdout, text)
    },
    list(form) {
      if (given) throw new Error('writing the result: a command has one')
      given = true
      return listOutput(streams.stdout, json, form)
    },
  }
}
