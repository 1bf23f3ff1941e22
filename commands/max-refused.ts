import type { BackfillSum } from '../runtime/backfill/request.js'
import type { Flag } from './command.js'
import { number } from './terminal/format.js'

/** How many lines may be refused before a run counts as failed: a share of its lines, or a number. */
export interface MaxRefused {
  readonly text: string
  readonly of: 'lines' | 'percent'
  readonly most: number
}

const half: MaxRefused = { text: '50%', of: 'percent', most: 50 }

export function maxRefused(value: string, about: string): Flag<MaxRefused> {
  return { about: `${about} A number, or a share like 5%; ${half.text} if not given.`, value, absent: half, parse }
}

function parse(given: string): MaxRefused {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(given) ?? []
  const most = Number(digits)
  if (digits === undefined || (percent === '' && !Number.isSafeInteger(most)) || (percent === '%' && most > 100))
    throw new Error('must be a number of lines (0, 100) or a share (0%, 2.5%, 100%)')
  return { text: given, of: percent === '%' ? 'percent' : 'lines', most }
}

const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0)

/** What is wrong with so many refusals; null = nothing. What route refuses is known only to a run that has waited for it. */
export function tooManyRefused({ lines, blank, refused, outcome }: BackfillSum, limit: MaxRefused): string | null {
  const statements = lines - blank
  const all = total(refused) + total(outcome?.deadLetters ?? {})
  const most = limit.of === 'lines' ? limit.most : (statements * limit.most) / 100
  if (all <= most) return null
  return `${number(all)} of ${number(statements)} lines were refused, more than --max-refused ${limit.text} allows: \`tributary dead-letters list\` shows why.`
}
