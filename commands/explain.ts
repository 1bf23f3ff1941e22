import { TributaryError } from '../schemas/errors.js'
import { type App, command } from './command.js'
import { flag, text } from './flags.js'
import { untilStopped } from './until-stopped.js'
import { withServices } from './with-services.js'

export const explainCommand = command({
  name: 'explain',
  about:
    'What a row was made from, down to the source line; or, the other way round, what became of a line, a record, an event or a student.',
  details: `WHAT is one of
  FILE#ROW            a data row, from 1, of a dataset file: its key, its URL in the manifest, or the path of a downloaded file
  s3://bucket/key#N   a line of a source object, read or not
  PARTITION/OFFSET    a record of the topic xapi
  EVENT ID            32 hex digits: the header id of an event`,
  arguments: { what: { optional: 'What to explain, see below; absent = a student, with --learner and --section.' } },
  flags: {
    learner: text('name', 'A student by the name that statements have (actor.account.name), with --section.'),
    section: text('id', 'The section of --learner.'),
    host: text('host', 'The host of --learner; absent = every host that has the section.'),
    repeats: flag('Of a row: also find the records that tell the same and were dropped (reads a partition of xapi).'),
  },
  json: true,
  examples: [
    [
      `explain attempts/g2-r0/events.attempt-p3/${'0'.repeat(20)}-${'99'.padStart(20, '0')}-0123456789ab.csv#17`,
      'the statement behind a row',
    ],
    [
      'explain s3://torus-xapi/section/145/video/2024-09-02T18-24-33.123456Z_1F0C.jsonl#7',
      'in which datasets a line is, and why not in the others',
    ],
    ['explain --learner 4201 --section 145', 'why a student has no rows'],
  ],
  async run(app, { learner, section, host, repeats }, { what }) {
    if ((what === null) === (learner === null))
      throw new TributaryError(
        'WRONG_USAGE',
        'explain needs WHAT (FILE#ROW, s3://bucket/key#LINE, PARTITION/OFFSET or an event id), or --learner with --section',
      )
    if ((learner === null) !== (section === null) || (host !== null && learner === null))
      throw new TributaryError('WRONG_USAGE', '--learner and --section go together, and --host with them')
    return learner !== null && section !== null ? explainStudent(app, { name: learner, section, host }) : explainPlace(app, what!, repeats)
  },
})

async function explainStudent(
  app: App,
  request: { readonly name: string; readonly section: string; readonly host: string | null },
): Promise<number> {
  const [{ explaining }, { explainLearner }, { learnersText, learnerDocument }, { topology }] = await Promise.all([
    import('../runtime/explain/explaining.js'),
    import('../runtime/explain/explain-learner.js'),
    import('./explain-learner-text.js'),
    import('../topology.js'),
  ])
  const found = await withServices(app, services =>
    untilStopped(
      explaining(services, topology.formats, e => explainLearner(e, request)),
      app.signal,
    ),
  )
  app.output.result(found.map(learnerDocument), () => learnersText(found, request))
  return found.some(({ records }) => records > 0) ? 0 : 1
}

async function explainPlace(app: App, what: string, repeats: boolean): Promise<number> {
  const [{ explaining }, { parseExplained }, { explainRow }, { explainLine, explainRecord, explainEvent }, rowTexts, texts, { topology }] =
    await Promise.all([
      import('../runtime/explain/explaining.js'),
      import('../runtime/explain/places.js'),
      import('../runtime/explain/explain-row.js'),
      import('../runtime/explain/explain-statement.js'),
      import('./explain-row-text.js'),
      import('./explain-text.js'),
      import('../topology.js'),
    ])
  const asked = parseExplained(what)
  return withServices(app, services =>
    explaining(services, topology.formats, async e => {
      if (asked.is === 'row') {
        const row = await explainRow(e, asked, { repeats })
        app.output.result(rowTexts.rowDocument(row), () => rowTexts.rowText(row, services.naming))
        return 0
      }
      const statement =
        asked.is === 'line'
          ? await explainLine(e, topology.sources, asked)
          : asked.is === 'record'
            ? await explainRecord(e, asked)
            : await explainEvent(e, asked.id)
      app.output.result(texts.statementExplainedDocument(statement), () => texts.statementText(statement, services.naming))
      return 0
    }),
  )
}
