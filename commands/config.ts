import { resolve } from 'node:path'
import { type SettingRow, settingRows, settings } from '../config.js'
import { command } from './command.js'
import { table } from './terminal/table.js'

export const configCommand = command({
  name: 'config',
  about: 'Every setting with its value, where the value comes from, and what is wrong with it.',
  arguments: {},
  flags: {},
  json: true,
  examples: [
    ['config', 'all settings as this shell has them'],
    ['config --json', 'the same for a script'],
  ],
  async run(app) {
    const rows = settingRows(app.env)
    const mistakes = rows.filter(row => row.mistake !== null)
    // The folder of the local stack is itself a setting: with mistakes nobody knows which stack is meant.
    const known = mistakes.length > 0 ? rows : await withLocalStack(rows, app.config().dataDir)
    app.output.result(known, () =>
      table(
        ['variable', 'value', 'from', 'meaning'],
        known.map(row => [row.env, row.value === '' ? '(empty)' : row.value, row.from, row.about]),
      ),
    )
    for (const row of mistakes) app.output.note(`${row.env}: ${row.mistake}`)
    return mistakes.length > 0 ? 1 : 0
  },
})

async function withLocalStack(rows: readonly SettingRow[], dataDir: string): Promise<readonly SettingRow[]> {
  const { readServices } = await import('../stack/stack.js')
  const local = readServices(resolve(dataDir))
  const values = new Map([
    [settings.brokers.env as string, local?.brokers.join(',')],
    [settings.registry.env, local?.registry],
    [settings.s3Endpoint.env, local?.s3.endpoint],
    [settings.dataDir.env, dataDir],
  ])
  return rows.map(row => (row.from === 'environment' ? row : { ...row, value: values.get(row.env) ?? row.value }))
}
