/** A terminal, a pipe or a file; tests give an own one. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/**
 * What people and scripts see. People: results on standard output, what happens on the way on standard error.
 * Scripts (`--json`): standard output is exactly one JSON document, written by `result` or by the error.
 */
export interface Output {
  readonly json: boolean
  /** Where progress goes. */
  readonly progressStream: OutputStream
  /** Part of the result for people; with `--json` on standard error. */
  say(text: string): void
  /** What happens on the way: standard error. */
  note(text: string): void
  /** The result, once per command. */
  result(document: unknown, people: () => string): void
}

export function makeOutput(streams: { readonly stdout: OutputStream; readonly stderr: OutputStream }, json: boolean): Output {
  const line = (stream: OutputStream, text: string) => void stream.write(`${text}\n`)
  let given = false
  return {
    json,
    progressStream: streams.stderr,
    say: text => line(json ? streams.stderr : streams.stdout, text),
    note: text => line(streams.stderr, text),
    result(document, people) {
      if (given) throw new Error('writing the result: a command has one')
      given = true
      const text = json ? JSON.stringify(document, null, 2) : people()
      if (text !== '') line(streams.stdout, text)
    },
  }
}
