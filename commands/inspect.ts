import { filterHelp } from '../runtime/inspect/record-filter.js'
import type { Bound } from '../runtime/inspect/record-spans.js'
import { instantMicros } from '../schemas/dataset-spec.js'
import { TributaryError } from '../schemas/errors.js'
import { command, type Flag } from './command.js'
import { flag, text, wholeNumber } from './flags.js'
import { count } from './terminal/format.js'
import { progressView } from './terminal/progress-bar.js'
import { withServices } from './with-services.js'

/** Below this a search is over before anybody wonders. */
const worthSaying = 20_000

export const inspectCommand = command({
  name: 'inspect',
  about: 'Shows the records of a topic, decoded: the last twenty, or all from a place on. Only what is committed.',
  details: filterHelp,
  arguments: { topic: 'Id (`events.attempt`) or whole name (`events.attempt.g2`); `tributary topology --json` lists all.' },
  flags: {
    key: text('key', 'Only this key, e.g. a learner key: section|host|name. Goes straight to its partition where the key decides it.'),
    partition: partitionFlag(),
    from: bound('From this offset on, or from what was appended at this time on.'),
    to: bound('Before this offset or this time of appending.'),
    filter: text('terms', 'Only records for which all terms hold, see below.'),
    limit: wholeNumber('n', 'At most so many (20; with --from all).', null),
    follow: flag('Go on with what comes, until Ctrl-C. With --json a document a line.'),
  },
  json: true,
  stopsItself: true,
  examples: [
    ['inspect events.attempt', 'the last twenty'],
    ['inspect xapi --key 145|proton.oli.cmu.edu|42 --from 0', 'every statement of a learner (quote the key in a shell)'],
    ['inspect dead-letters --filter code=missing_key --limit 3', 'the last three of a code'],
    ['inspect events.video --from 2024-09-01T08:00:00Z --follow --json', 'for a script, live'],
  ],
  async run(app, { key, partition, from, to, filter, limit, follow }, { topic }) {
    if (follow && to !== null) throw new TributaryError('WRONG_USAGE', '--follow has no end, so it cannot be given with --to')
    const [{ inspect }, { parseFilter }, { recordJson }, { recordBlock, recordLine }] = await Promise.all([
      import('../runtime/inspect/inspect.js'),
      import('../runtime/inspect/record-filter.js'),
      import('../runtime/inspect/shown-record.js'),
      import('./inspect-text.js'),
    ])
    const request = { topic, key, partition, from, to, filter: filter === null ? null : parseFilter(filter), limit, follow }
    const view = progressView(app.output.progressStream, () => performance.now())
    let shown = 0
    await withServices(app, async services => {
      const list = app.output.list(follow ? 'lines' : 'array')
      try {
        await inspect(
          services,
          request,
          {
            record(record) {
              if (shown++ === 0) view.end()
              return list.item(
                () => recordJson(record),
                () => (app.output.terminal !== null ? recordBlock(record) : recordLine(record)),
              )
            },
            progress(read) {
              if (read >= worthSaying) view.show({ part: null, text: `${count(read, 'record')} read` })
            },
          },
          app.signal,
        )
      } finally {
        view.end()
        list.end()
      }
    })
    if (shown === 0 && !follow) app.output.note('no such record')
    return app.signal.aborted && !follow ? 1 : 0
  },
})

function partitionFlag(): Flag<number | null> {
  const parse = (given: string) => {
    if (!/^\d{1,6}$/.test(given)) throw new Error('must be a whole number')
    return Number(given)
  }
  return { about: 'Only this partition.', value: 'n', absent: null, parse }
}

function bound(about: string): Flag<Bound | null> {
  const parse = (given: string): Bound => {
    if (/^\d{1,15}$/.test(given)) return { offset: Number(given) }
    const micros = instantMicros(given)
    if (micros === null) throw new Error('must be an offset, a date (2024-09-01) or an instant with its zone (2024-09-01T08:00:00Z)')
    return { time: Math.floor(micros / 1000) }
  }
  return { about, value: 'offset or time', absent: null, parse }
}
