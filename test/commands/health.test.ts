import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { roleNames } from '../../commands/run.js'
import { takeRoleFolder } from '../../runtime/state/role-folder.js'
import { folder, run } from './run-argv.js'

const place = { dataDir: folder, topicPrefix: 'a.', generation: 2 }
const env = { TOPIC_PREFIX: 'a.', GENERATION: '2', FOLLOW_BUCKET: 'uploads', FOLLOW_PREFIXES: 'section/' }
const all = (runs: boolean) => Object.fromEntries(roleNames.map(role => [role, runs]))

test('healthy is a machine on which every role runs', async () => {
  expect(await run(['health', '--json'], env)).toMatchObject({ code: 1, stdout: expect.stringContaining('"ok": false') })

  const folders = roleNames.map(role => takeRoleFolder(place, role))
  const { code, stdout } = await run(['health', '--json'], env)
  expect([code, JSON.parse(stdout)]).toEqual([0, { ok: true, roles: all(true) }])
  expect((await run(['health'])).code).toBe(1) // Of another prefix and generation none runs.

  folders[0]!.release()
  const left = await run(['health'], env)
  expect([left.code, left.stdout]).toEqual([1, roleNames.map((role, i) => `${role} ${i === 0 ? 'does not run' : 'runs'}\n`).join('')])
  expect((await run(['health', '--roles', roleNames.slice(1).join(',')], env)).code).toBe(0)

  // Where nothing is to be followed nobody asks for the role.
  const { TOPIC_PREFIX, GENERATION } = env
  const others = await run(['health', '--json'], { TOPIC_PREFIX, GENERATION })
  expect(Object.keys(JSON.parse(others.stdout).roles)).toEqual(roleNames.filter(role => role !== 'follow'))
})

test('a role that was killed does not run, though its folder is still locked', async () => {
  const killed = takeRoleFolder(place, roleNames[0]!)
  const role = ['health', '--roles', roleNames[0]!]
  expect((await run(role, env)).code).toBe(0)
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  writeFileSync(join(killed.path, 'lock-1'), JSON.stringify({ pid: gone, start: '1' }))
  expect((await run(role, env)).code).toBe(1)
})
