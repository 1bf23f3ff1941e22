import { createHash } from 'node:crypto'
import type { Findings } from './findings.js'

/** Records in a wrong partition and their copies in the right one: about 250 bytes for each that was misplaced. */
export class MovedRecords {
  readonly #originals = new Map<string, string>()
  readonly #copies = new Map<string, string>()

  original(place: string, value: Buffer | null): void {
    this.#originals.set(place, digest(value))
  }

  copy(place: string, value: Buffer | null): void {
    this.#copies.set(place, digest(value))
  }

  /** Anyone may claim that a record was moved: a copy of nothing is a statement like any other. */
  report(findings: Findings): void {
    for (const [place, value] of this.#originals) {
      const copy = this.#copies.get(place)
      if (copy === undefined) findings.add('misplaced', `xapi ${place} was never placed anew`)
      else if (copy !== value) findings.add('misplaced', `xapi ${place} was placed anew with other bytes`)
    }
  }
}

const digest = (value: Buffer | null) =>
  createHash('sha256')
    .update(value ?? '')
    .digest('base64')
