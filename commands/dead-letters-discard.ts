import { filterHelp } from '../runtime/inspect/record-filter.js'
import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'
import { changingFlags, choiceOf, deciderOf, idArgument, requireChoice } from './dead-letters-flags.js'
import { flag, text } from './flags.js'
import { count } from './terminal/format.js'
import { withServices } from './with-services.js'

export const deadLettersDiscard = command({
  name: 'dead-letters discard',
  about: 'Marks dead letters as seen and done with, with a reason. They stay in the topic and in the sums.',
  details: filterHelp,
  arguments: { id: idArgument },
  flags: {
    ...changingFlags,
    reason: text('text', 'Why they need not be replayed.'),
    undo: flag('Take it back: they are open again.'),
  },
  json: true,
  examples: [
    ['dead-letters discard 84e67850d043 --reason test', 'one of them'],
    ['dead-letters discard --code invalid_json --until 2024-09-01 --reason truncated --dry-run', 'how many that would be'],
    ['dead-letters discard 84e67850d043 --undo', 'open again'],
  ],
  async run(app, options, { id }) {
    requireChoice(options, id)
    const { reason, undo, dryRun } = options
    if ((reason === null) !== undo) throw new TributaryError('WRONG_USAGE', undo ? '--undo goes without --reason' : '--reason is needed')
    const { discardLetters } = await import('../runtime/dead-letters/discard.js')
    const choice = await choiceOf(options, id, null)
    const sum = await withServices(app, services => discardLetters(services, choice, { by: deciderOf(app, options.by), reason, dryRun }))
    app.output.result({ dryRun, ...sum }, () => {
      const what = undo ? 'open again' : 'discarded'
      return `${count(sum.decided.length, 'letter')} ${dryRun ? 'would be ' : ''}${what}`
    })
    return 0
  },
})
