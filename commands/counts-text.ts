import type { RunCounts } from '../schemas/sources.js'
import { table } from './terminal/table.js'

/**
 * What became of lines. The last line is the law of a backfill run and of a follow with its numbers, without thousands separators: it can be
 * checked by a script.
 */
export function countsLines({ lines, blank, published, refused }: Pick<RunCounts, 'lines' | 'blank' | 'published'> & Refused): string[] {
  const codes = Object.entries(refused).sort(([, a], [, b]) => b - a)
  const sum = codes.reduce((all, [, n]) => all + n, 0)
  return [
    ...(codes.length > 0 ? ['', table(['refused (dead-letters)', 'lines'], codes), ''] : []),
    `lines ${lines} = blank ${blank} + published ${published} + refused ${sum}`,
  ]
}

interface Refused {
  readonly refused: Readonly<Record<string, number>>
}
