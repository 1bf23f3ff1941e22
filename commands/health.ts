import { command } from './command.js'
import { choices } from './flags.js'
import { roleNames, rolesToRun } from './run.js'

export const healthCommand = command({
  name: 'health',
  about: 'Whether the roles run on this machine: exit code 1 when one does not. Asks no server, so it may be asked often.',
  arguments: {},
  flags: { roles: choices(roleNames, 'roles', `Which of ${roleNames.join(', ')}. Absent = those that \`run\` would start.`) },
  json: true,
  examples: [
    ['health', 'the health check of a container in which `tributary run` is the program'],
    ['health --roles sink,publish', 'beside `tributary run --roles sink,publish`'],
  ],
  async run(app, { roles }) {
    const { roleRunsHere } = await import('../runtime/state/role-folder.js')
    const config = app.config()
    const found = rolesToRun(config, roles).map(role => ({ role, runs: roleRunsHere(config, role) }))
    const ok = found.every(({ runs }) => runs)
    app.output.result({ ok, roles: Object.fromEntries(found.map(({ role, runs }) => [role, runs])) }, () =>
      found.map(({ role, runs }) => `${role} ${runs ? 'runs' : 'does not run'}`).join('\n'),
    )
    return ok ? 0 : 1
  },
})
