/**
 * One role, or a backfill of everything, in a process that kills itself by SIGKILL when it passes a fault point, or stops itself by
 * SIGSTOP when it does so for the first time.
 * `node killed-at.mjs <folder of main.js> <route|aggregate|sink|publish|follow|backfill> <point or ''> <bucket> [SIGSTOP]`; the rest is in the environment.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, role, deadly, bucket, signal = 'SIGKILL'] = process.argv.slice(2)
const load = path => import(pathToFileURL(join(dist, path)).href)
const { readConfig } = await load('config.js')
const { addressesOf, openServices } = await load('runtime/services.js')
const { runOneRole } = await load('runtime/roles.js')
const { backfill } = await load('runtime/backfill/backfill.js')
const { topology } = await load('topology.js')

const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const config = readConfig(process.env)
const services = openServices(config, addressesOf(config, null), role)
let passed = false
const fault = point => {
  if (point !== deadly || passed) return
  passed = true
  writeSync(1, `${signal} at ${point}\n`)
  process.kill(process.pid, signal)
}
const nothing = () => undefined
if (role === 'backfill')
  await backfill(
    services,
    topology.sources,
    { bucket, sections: [], prefix: '', categories: [], since: null, until: null, limitRate: null, again: false },
    { wait: true, fault },
    { planned: nothing, progress: nothing, note: nothing },
    stop.signal,
  )
else await runOneRole(role, services, topology, stop.signal, fault)
await services.close()
process.exit(0)
