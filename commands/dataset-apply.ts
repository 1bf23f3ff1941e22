import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { parseDocument } from 'yaml'
import { leastChunkSize } from '../schemas/dataset-spec.js'
import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'
import { flag } from './flags.js'
import { withServices } from './with-services.js'

export const datasetApply = command({
  name: 'dataset apply',
  about: 'Asks for a dataset, or for a changed one: YAML or JSON from a file, or from standard input (-).',
  arguments: { file: 'The spec; - reads standard input.' },
  flags: {
    dryRun: flag('Only check the spec and print it with its defaults.'),
    newRevision: flag('Make all rows again though the spec is unchanged, as after a change of the pseudonym key.'),
  },
  json: true,
  examples: [
    ['dataset apply attempts.yaml', 'build it; an unchanged spec changes nothing'],
    ['dataset apply attempts.yaml --dry-run', 'every mistake of the spec at once'],
  ],
  async run(app, { dryRun, newRevision }, { file }) {
    const document = parseSpecText(await read(file), file)
    const [{ applyDataset }, { prepareLocalTopics }, { topology }] = await Promise.all([
      import('../runtime/datasets/apply.js'),
      import('../runtime/topics-admin.js'),
      import('../topology.js'),
    ])
    const applied = await withServices(app, async services => {
      await prepareLocalTopics(services)
      return applyDataset(services, topology.formats, document, { dryRun, newRevision, leastChunkSize })
    })
    app.output.result(applied, () => {
      if (dryRun)
        return `${applied.id}: ${applied.changed ? 'would be a new revision' : 'unchanged'}\n${JSON.stringify(applied.spec, null, 2)}`
      if (!applied.changed) return `${applied.id}: unchanged (revision ${applied.ordinal})`
      return `${applied.id}: revision ${applied.ordinal} is being built. \`tributary dataset wait ${applied.id}\` returns when it is there.`
    })
    return 0
  },
})

async function read(file: string): Promise<string> {
  try {
    return file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8')
  } catch (cause) {
    throw new TributaryError('WRONG_USAGE', `reading the spec: ${(cause as Error).message}`, { cause })
  }
}

/** JSON is YAML. Every mistake of the text is named with its line; a repeated key is one. */
export function parseSpecText(text: string, name: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true })
  const mistakes = document.errors.map(error => error.message.split('\n')[0]?.replace(/:$/, ''))
  if (mistakes.length > 0) throw new TributaryError('SPEC_INVALID', `reading ${name}: ${mistakes.join('; ')}`)
  return document.toJS() as unknown
}
