import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { roleNames } from '../../commands/run-settings.js'
import { takeRoleFolder } from '../../runtime/state/role-folder.js'
import type { RoleReport } from '../../runtime/state/role-report.js'
import { folder, run } from './run-argv.js'

const place = { dataDir: folder, topicPrefix: 'a.', generation: 2 }
const env = { TOPIC_PREFIX: 'a.', GENERATION: '2', FOLLOW_BUCKET: 'uploads', FOLLOW_PREFIXES: 'section/' }
const all = (runs: boolean) => Object.fromEntries(roleNames.map(role => [role, runs]))

test('healthy is a machine on which every role runs', async () => {
  expect(await run(['health', '--json'], env)).toMatchObject({ code: 1, stdout: expect.stringContaining('"ok": false') })

  const folders = roleNames.map(role => takeRoleFolder(place, role))
  const { code, stdout } = await run(['health', '--json'], env)
  expect([code, JSON.parse(stdout)]).toEqual([0, { ok: true, roles: all(true), troubles: {} }])
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

const [route] = roleNames
const asked = ['health', '--json', '--roles', route!]

async function healthOf(): Promise<readonly string[]> {
  const { code, stdout } = await run(asked, env)
  const { ok, troubles } = JSON.parse(stdout) as { ok: boolean; troubles: Readonly<Record<string, readonly string[]>> }
  expect([code, ok]).toEqual(troubles[route!] === undefined ? [0, true] : [1, false])
  return troubles[route!] ?? []
}

test('a role whose tasks stop again and again does not get on, until they run or are gone', async () => {
  const taken = takeRoleFolder(place, route!)
  const { report, path } = taken
  report.started()
  for (let times = 1; times <= 4; times++) {
    report.failed('task 3', 'S3 does not answer')
    report.runs('task 3')
    if (times < 3) expect(await flushed(report, healthOf)).toEqual([])
  }
  report.failed('task 4', 'a leader moved')
  expect(await flushed(report, healthOf)).toEqual(['task 3 stopped 4 times: S3 does not answer'])
  expect((await run(['health', '--roles', route!], env)).stdout).toBe(
    `${route} runs, and does not get on\n  task 3 stopped 4 times: S3 does not answer\n`,
  )
  report.over('task 3')
  expect(await flushed(report, healthOf)).toEqual([])

  const written = JSON.parse(readFileSync(join(path, 'report'), 'utf8'))
  const rewrite = (changed: object) => writeFileSync(join(path, 'report'), JSON.stringify({ ...written, ...changed }))
  rewrite({ at: uptime() - 100 })
  expect(await healthOf()).toEqual([expect.stringMatching(/^it has not reported for 100 s$/)])
  rewrite({ at: uptime(), startingSince: uptime() - 90 })
  expect(await healthOf()).toEqual([expect.stringMatching(/^it has been starting for 90 s/)])
  rmSync(join(path, 'report'))
  expect(await healthOf()).toEqual(['it does not report'])
  taken.release()
})

/** A report is written every few seconds, and when a role has started: that is asked for here. */
async function flushed<T>(report: RoleReport, then: () => Promise<T>): Promise<T> {
  report.started()
  return then()
}
