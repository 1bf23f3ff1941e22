import { readLetters } from '../runtime/dead-letters/read-letters.js'
import type { Services } from '../runtime/services.js'

export interface DeadLetter {
  readonly code: string
  readonly reason: string
  /** `s3://bucket/key#line` */
  readonly source: string
  /** The first of the bytes, as they came. */
  readonly begins: string
}

const shown = 80

export async function readDeadLetters(services: Services): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = []
  await readLetters(services, ({ code, reason, source, bytes }) => {
    found.push({ code, reason, source: source ?? '', begins: bytes?.toString('utf8').slice(0, shown) ?? '' })
  })
  return found.sort((a, b) => (a.source < b.source ? -1 : 1))
}
