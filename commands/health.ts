import { command } from './command.js'
import { choices } from './flags.js'
import { roleNames, rolesToRun } from './run-settings.js'

export const healthCommand = command({
  name: 'health',
  about: 'Whether the roles run on this machine and get on: exit code 1 when one does not. Asks no server, so it may be asked often.',
  arguments: {},
  flags: { roles: choices(roleNames, 'roles', `Which of ${roleNames.join(', ')}. Absent = those that \`run\` would start.`) },
  json: true,
  examples: [
    ['health', 'the health check of a container in which `tributary run` is the program'],
    ['health --roles sink,publish', 'beside `tributary run --roles sink,publish`'],
  ],
  async run(app, { roles }) {
    const { roleTroublesHere } = await import('../runtime/state/role-folder.js')
    const config = app.config()
    const found = rolesToRun(config, roles).map(role => ({ role, troubles: roleTroublesHere(config, role) }))
    const ok = found.every(({ troubles }) => troubles?.length === 0)
    const document = {
      ok,
      roles: Object.fromEntries(found.map(({ role, troubles }) => [role, troubles !== null])),
      troubles: Object.fromEntries(found.flatMap(({ role, troubles }) => (troubles?.length ? [[role, troubles]] : []))),
    }
    app.output.result(document, () => found.map(({ role, troubles }) => healthText(role, troubles)).join('\n'))
    return ok ? 0 : 1
  },
})

function healthText(role: string, troubles: readonly string[] | null): string {
  if (troubles === null) return `${role} does not run`
  return [troubles.length === 0 ? `${role} runs` : `${role} runs, and does not get on`, ...troubles.map(each => `  ${each}`)].join('\n')
}
