import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './command.js'
import { pages } from './docs-pages.js'
import { flag } from './flags.js'

export const docsCommand = command({
  name: 'docs',
  about: 'Writes the pages in docs/ that are made from the tables in the code.',
  arguments: {},
  flags: { dryRun: flag('Only say which are stale; exit code 1 when one is.') },
  json: true,
  hidden: true,
  examples: [['docs', 'after a change of a table']],
  async run(app, { dryRun }) {
    const stale: string[] = []
    for (const [path, text] of Object.entries(pages)) {
      const file = join(app.root, path)
      if ((await readFile(file, 'utf8').catch(() => null)) === text) continue
      stale.push(path)
      if (!dryRun) await writeFile(file, text)
    }
    app.output.result({ stale, written: !dryRun }, () => stale.map(path => `${path} ${dryRun ? 'is stale' : 'written'}`).join('\n'))
    return dryRun && stale.length > 0 ? 1 : 0
  },
})
