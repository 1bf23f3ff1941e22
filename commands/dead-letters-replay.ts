import { undecided } from '../runtime/dead-letters/letter-states.js'
import { filterHelp } from '../runtime/inspect/record-filter.js'
import { command } from './command.js'
import { changingFlags, choiceOf, deciderOf, idArgument, requireChoice } from './dead-letters-flags.js'
import { flag } from './flags.js'
import { withServices } from './with-services.js'

/** How long route may stand still before nobody waits for it any more. */
const patienceMs = 30_000

export const deadLettersReplay = command({
  name: 'dead-letters replay',
  about: 'After a fix of the rules: publishes refused statements once more, each once, as they came. What is still refused is left.',
  details: filterHelp,
  arguments: { id: idArgument },
  flags: {
    ...changingFlags,
    anyway: flag('Also what the rules of this release still refuse (the roles may be of a newer one).'),
    wait: flag('Return when route has judged them, and say how.'),
  },
  json: true,
  stopsItself: true,
  examples: [
    ['dead-letters replay --all --dry-run', 'what would be accepted now, and why not the rest'],
    ['dead-letters replay 84e67850d043 --wait', 'one of them, until it is judged'],
    ['dead-letters replay --code missing_key --source s3://torus-xapi/section/145/', 'those of a section'],
  ],
  async run(app, options, { id }) {
    requireChoice(options, id)
    const [{ replayLetters, refusedAgain }, { replayText }, { routeIsPast }] = await Promise.all([
      import('../runtime/dead-letters/replay.js'),
      import('./dead-letters-text.js'),
      import('../runtime/backfill/seal.js'),
    ])
    const choice = await choiceOf(options, id, id === null ? undecided : null)
    const { anyway, dryRun, wait } = options
    return withServices(app, async services => {
      const sum = await replayLetters(services, choice, { by: deciderOf(app, options.by), anyway, dryRun }, app.signal)
      let again: number | null = null
      if (wait && !dryRun && sum.replayed.length > 0) {
        const events = { planned: () => undefined, progress: () => undefined, note: app.output.note }
        if (await routeIsPast(services, sum.ends, patienceMs, events, app.signal))
          again = (await refusedAgain(services, choice, sum.replayed)).length
        else app.output.note('route has not judged them yet: is `tributary run` running?')
      }
      const { selected, replayed, before, left } = sum
      app.output.result({ dryRun, selected, replayed, before, left, refusedAgain: again }, columns =>
        replayText({ ...sum, refusedAgain: again }, dryRun, columns),
      )
      const judged = !wait || dryRun || replayed.length === 0 || again === 0
      return left.length === 0 && judged ? 0 : 1
    })
  },
})
