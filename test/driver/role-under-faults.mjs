/**
 * One role, or a backfill of everything, in a process that suffers at fault points as it is told: the steps of the plan happen one after the
 * other, each when its point is passed next.
 * `node role-under-faults.mjs <folder of main.js> <route|aggregate|sink|publish|follow|backfill> <plan or ''> <bucket>`; the rest is in the environment.
 * A plan is `<point>=<what>,…`: `SIGKILL`, `SIGSTOP` (as if the machine slept), `throw`, or milliseconds for which the point hangs.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, role, plan, bucket] = process.argv.slice(2)
const load = path => import(pathToFileURL(join(dist, path)).href)
const { readConfig } = await load('config.js')
const { addressesOf } = await load('runtime/addresses.js')
const { openServices } = await load('runtime/services.js')
const { runOneRole } = await load('runtime/roles.js')
const { backfill } = await load('runtime/backfill/backfill.js')
const { topology } = await load('topology.js')

const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const config = readConfig(process.env)
const services = openServices(config, addressesOf(config, null), role)
const steps = plan.split(',').map(step => step.split('='))
const fault = async point => {
  if (steps[0]?.[0] !== point) return
  const [, what] = steps.shift()
  writeSync(1, `${what} at ${point}\n`)
  if (what.startsWith('SIG')) process.kill(process.pid, what)
  else if (what === 'throw') throw new Error(`injected at ${point}`)
  else await services.clock.sleep(Number(what))
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
