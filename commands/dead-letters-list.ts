import { letterStates } from '../runtime/dead-letters/letter-states.js'
import { filterHelp } from '../runtime/inspect/record-filter.js'
import { command } from './command.js'
import { choiceOf, letterFlags } from './dead-letters-flags.js'
import { choices, wholeNumber } from './flags.js'
import { withServices } from './with-services.js'

export const deadLettersList = command({
  name: 'dead-letters list',
  about: 'Statements that were refused: how many by code, and the newest of them with their source lines.',
  details: filterHelp,
  arguments: {},
  flags: {
    ...letterFlags,
    state: choices(letterStates, 'states', 'Only these: open, "refused again", replayed, discarded. Absent = all.'),
    limit: wholeNumber('n', 'Show so many (20 when not given).', 20),
  },
  json: true,
  examples: [
    ['dead-letters list', 'counts, and the last twenty'],
    ['dead-letters list --code missing_key --source s3://torus-xapi/section/145/', 'of one section'],
    ['dead-letters list --filter name=4201', 'whose text has this student'],
  ],
  async run(app, { state, limit, ...options }) {
    const [{ listLetters }, { lettersText }] = await Promise.all([
      import('../runtime/dead-letters/list-letters.js'),
      import('./dead-letters-text.js'),
    ])
    const choice = await choiceOf(options, null, state)
    const list = await withServices(app, services => listLetters(services, choice, limit))
    const letters = list.letters.map(({ refusedAt, at, ...letter }) => ({ ...letter, refusedAt: new Date(refusedAt).toISOString(), at }))
    app.output.result({ ...list, letters }, columns => lettersText(list, columns))
    return 0
  },
})
