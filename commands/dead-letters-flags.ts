import type { LetterChoice } from '../runtime/dead-letters/letter-table.js'
import { TributaryError } from '../schemas/errors.js'
import { type RefusalCode, refusalCodes } from '../schemas/refusal.js'
import type { App, OptionsOf } from './command.js'
import { choice, flag, instant, text } from './flags.js'

/** Which dead letters: the same words for all commands about them. */
export const letterFlags = {
  code: choice(Object.keys(refusalCodes) as RefusalCode[], 'code', `Only these refusals: ${Object.keys(refusalCodes).join(', ')}.`),
  source: text('prefix', 'Only what came from there, e.g. s3://torus-xapi/section/145/.'),
  since: instant('time', 'Refused at or after: a date, or an instant with its zone.'),
  until: instant('time', 'Refused before.'),
  filter: text('terms', 'Only letters for which all terms hold, see below.'),
}

/** Of those that change something: an id, a choice, or plainly all. */
export const changingFlags = {
  ...letterFlags,
  all: flag('All that are undecided.'),
  by: text('name', 'Who decides (the user of this shell when not given).'),
  dryRun: flag('Only say what would be done.'),
}

export const idArgument = { optional: 'Id of a dead letter, or its beginning; several with commas.' } as const

export async function choiceOf(
  options: OptionsOf<typeof letterFlags>,
  id: string | null,
  states: LetterChoice['states'],
): Promise<LetterChoice> {
  const { code, source, since, until, filter } = options
  const parsed = filter === null ? null : (await import('../runtime/inspect/record-filter.js')).parseFilter(filter)
  const ids = id === null ? null : id.split(',').map(part => part.trim())
  if (ids?.some(part => !/^[0-9a-f]{4,32}$/.test(part)))
    throw new TributaryError(
      'WRONG_USAGE',
      `an id of a dead letter has 32 hex digits, of which the first 4 or more are enough (given: ${id})`,
    )
  return { ids, code, source, since, until, filter: parsed, states }
}

/** Deciding about everything has to be said. */
export function requireChoice({ all, ...options }: OptionsOf<typeof letterFlags> & { readonly all: boolean }, id: string | null): void {
  const chosen = id !== null || [options.code, options.source, options.since, options.until, options.filter].some(each => each !== null)
  if (chosen === all)
    throw new TributaryError(
      'WRONG_USAGE',
      all ? '--all goes with nothing else' : 'name an ID, or some of --code, --source, --since, --until and --filter, or --all',
    )
}

export const deciderOf = ({ env }: App, given: string | null) => given ?? env.USER ?? env.LOGNAME ?? 'unknown'
