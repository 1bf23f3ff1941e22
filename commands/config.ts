import { resolve } from 'node:path'
import { type Config, type SettingRow, settingRows, settings } from '../config.js'
import { command } from './command.js'
import { misspelt } from './misspelt.js'
import { rolesToRun, runMistakes } from './run-settings.js'
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
    // The folder of the local stack is itself a setting: with a mistake it is unclear which stack is meant.
    const readable = rows.every(row => row.mistake === null)
    const known = readable ? await withServers(rows, app.config()) : rows
    app.output.result(known, columns =>
      table(
        ['variable', 'value', 'from', 'meaning'],
        known.map(row => [row.env, row.value === '' ? '(empty)' : row.value, row.from, row.about]),
        columns,
      ),
    )
    const mistakes = known.filter(row => row.mistake !== null)
    for (const row of mistakes) app.output.note(`${row.env}: ${row.mistake}`)
    for (const { given, meant } of misspelt(app.env)) app.output.note(`${given} is set and means nothing here: did you mean ${meant}?`)
    return mistakes.length > 0 ? 1 : 0
  },
})

/** With the addresses of the local stack where they are used, and with all that would keep `run` from running. */
async function withServers(rows: readonly SettingRow[], config: Config): Promise<readonly SettingRow[]> {
  const [{ endedParts, readServices }, { addressMistakes, usesLocalStack }] = await Promise.all([
    import('../stack/stack.js'),
    import('../runtime/addresses.js'),
  ])
  const local = readServices(resolve(config.dataDir))
  const isLocal = usesLocalStack(config)
  const values = new Map<string, string | undefined>([
    ...(isLocal
      ? [
          [settings.brokers.env, local?.brokers.join(',')] as const,
          [settings.registry.env, local?.registry] as const,
          [settings.s3Endpoint.env, local?.s3.endpoint] as const,
        ]
      : []),
    [settings.dataDir.env, config.dataDir],
  ])
  const mistakes = [
    ...addressMistakes(config, local === null ? { ended: endedParts(config.dataDir) } : 'runs'),
    ...runMistakes(config, rolesToRun(config, null), isLocal),
  ]
  return rows.map(row => ({
    ...row,
    value: row.from === 'environment' ? row.value : (values.get(row.env) ?? row.value),
    from: row.from === 'local stack' && !isLocal ? 'default' : row.from,
    mistake: mistakes.find(found => found.env === row.env)?.mistake ?? null,
  }))
}
