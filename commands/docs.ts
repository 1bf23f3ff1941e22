import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.js'
import { staleDocs } from './docs-stale.js'
import { flag } from './flags.js'

export const docsCommand = command({
  name: 'docs',
  about: 'Writes the pages in docs/, and the parts of the README, that are made from the tables in the code.',
  arguments: {},
  flags: { dryRun: flag('Only say which are stale; exit code 1 when one is.') },
  json: true,
  hidden: true,
  examples: [['docs', 'after a change of a table']],
  async run(app, { dryRun }) {
    const found = staleDocs(path => (existsSync(join(app.root, path)) ? readFileSync(join(app.root, path), 'utf8') : null))
    if (!dryRun) for (const { path, text } of found) writeFileSync(join(app.root, path), text)
    const stale = found.map(({ what }) => what)
    app.output.result({ stale, written: !dryRun }, () => stale.map(what => `${what} ${dryRun ? 'is stale' : 'written'}`).join('\n'))
    return dryRun && stale.length > 0 ? 1 : 0
  },
})
