import { type Line, LineSplitter } from '../../producers/line-splitter.js'
import type { PlannedObject } from '../../producers/source.js'
import type { Refusal } from '../../schemas/refusal.js'
import type { Clock } from '../clock.js'
import type { ObjectStore } from '../object-store.js'
import { objectBytes } from './object-bytes.js'

/** Some lines of an object, in order. */
export interface LinesRead {
  readonly lines: readonly Line[]
  /** Blank lines so far: they are counted, not given out. */
  readonly blank: number
  /** Last, and only of an object that could not be read to its end: it has the number of a line, and what was there of it. */
  readonly broken: { readonly line: Line; readonly refusal: Refusal } | null
}

/** The one way in which bytes of an object become numbered lines. */
export async function* objectLines(
  store: ObjectStore,
  object: PlannedObject,
  clock: Clock,
  maxBytes: number,
  onStored: (bytes: number) => void,
): AsyncGenerator<LinesRead> {
  const splitter = new LineSplitter(maxBytes)
  let given = 0
  const read = (lines: readonly Line[]): LinesRead => {
    given += lines.length
    return { lines, blank: splitter.blank, broken: null }
  }
  for await (const chunk of objectBytes(store, object, clock, onStored)) {
    if (Buffer.isBuffer(chunk)) {
      yield read(splitter.push(chunk))
      continue
    }
    const { reason, open } = chunk
    const blank = splitter.blank
    const last = splitter.end()
    if (!open) yield read(last)
    // Text that stops inside of a member has begun a line and is no statement: what was there of it goes into the dead letter.
    const begun = open ? last[0] : undefined
    const line = begun ?? nothingOfLine(given + (open ? blank : splitter.blank) + 1)
    yield { lines: [], blank: open ? blank : splitter.blank, broken: { line, refusal: { code: 'cut_off', reason } } }
    return
  }
  yield read(splitter.end())
}

const nothingOfLine = (number: number): Line => ({ tooLong: false, number, bytes: 0, unterminated: true, line: Buffer.alloc(0) })
