import type { RunOutcome } from '../runtime/backfill/request.js'
import type { RunCounts } from '../schemas/sources.js'
import { table } from './terminal/table.js'

/**
 * What became of lines. The last line is the law of a backfill run and of a follow with its numbers, without thousands separators: it can be
 * checked by a script.
 */
export function countsLines({ lines, blank, published, refused }: Pick<RunCounts, 'lines' | 'blank' | 'published'> & Refused): string[] {
  return [
    ...codesTable('refused (dead-letters)', refused),
    `lines ${lines} = blank ${blank} + published ${published} + refused ${total(refused)}`,
  ]
}

/** What route made of what was published, in the same form. */
export function outcomeLines(published: number, { events, duplicates, deadLetters }: RunOutcome): string[] {
  const law = `published ${published} = events ${events} + duplicates ${duplicates} + dead letters ${total(deadLetters)}`
  return [...codesTable('refused by route (dead-letters)', deadLetters), law]
}

const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0)

function codesTable(title: string, counts: Readonly<Record<string, number>>): string[] {
  const codes = Object.entries(counts).sort(([, a], [, b]) => b - a)
  return codes.length > 0 ? ['', table([title, 'lines'], codes), ''] : []
}

interface Refused {
  readonly refused: Readonly<Record<string, number>>
}
