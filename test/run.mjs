/**
 * `npm test`: all levels, or those that are named. Works on a fresh clone, so it imports nothing that has to be installed.
 * The last line is `N passed, N failed`, for people and for `.ci/run`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { slowest } from './slowest.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...path) => join(root, ...path)
const bin = name => at('node_modules', '.bin', name)
const reports = at('.tributary', 'reports')
const dataDir = at('.tributary', 'test')

/** In this order: what is quick and tells most comes first. `stack`: needs Kafka, registry and S3. */
const levels = {
  unit: { folders: [], stack: false },
  sim: { folders: ['test/simulation'], stack: false },
  contract: { folders: ['test/contracts'], stack: true },
  integration: { folders: ['test/integration'], stack: true },
  chaos: { folders: ['test/chaos'], stack: true },
  e2e: { folders: ['test/e2e'], stack: true },
  docker: { folders: ['test/docker'], stack: false, lacking: dockerLacks },
}
const checks = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint and format', bin('biome'), ['check', '.']],
  ['dead code', bin('knip'), []],
]

/** jest repeats every path that it was given. */
const noise = /^(Ran all test suites|Test results written to)/

const totals = { passed: 0, failed: 0, skipped: 0 }
const bad = []
let current = null
let interrupted = null
let stack = null

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    interrupted ??= signal
    current?.kill(signal)
  })

const exitCode = await main(process.argv.slice(2))
process.stdout.write('', () => process.exit(exitCode))

async function main(given) {
  const unknown = given.filter(name => !(name in levels))
  if (unknown.length > 0) {
    say(`unknown level: ${unknown.join(', ')}. There are: ${Object.keys(levels).join(', ')}`)
    return 2
  }
  const named = given.length > 0 ? Object.keys(levels).filter(name => given.includes(name)) : Object.keys(levels)
  const selected = named.filter(name => name === 'unit' || filesOf(name).length > 0)
  for (const name of given) if (!selected.includes(name)) say(`${name}: has no tests yet`)
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  try {
    if (!(await step('setup', at('tributary'), ['--setup']))) return finish()
    if (given.length === 0 || given.includes('unit')) for (const [name, file, args] of checks) await step(name, file, args)
    for (const level of selected) {
      if (interrupted) break
      const lacking = levels[level].lacking?.()
      if (lacking) {
        say(`\n== ${level}: not run, since ${lacking}`)
        continue
      }
      if (levels[level].stack && stack === null && !(await startStack())) break
      await runLevel(level)
    }
  } finally {
    await stopStack()
  }
  return finish()
}

/** A check that is no jest test counts as one test. */
async function step(name, file, args) {
  if (interrupted) return false
  const began = Date.now()
  const { code, output } = await run(file, args, { quiet: true })
  const ok = code === 0
  say(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds(began)})`)
  if (!ok) process.stdout.write(`${output.trimEnd()}\n`)
  // Set-up is no test, but nothing works without it.
  if (name !== 'setup' || !ok) totals[ok ? 'passed' : 'failed']++
  if (!ok) bad.push(name)
  return ok
}

async function runLevel(level) {
  const began = Date.now()
  say(`\n== ${level}`)
  const outputFile = join(reports, `${level}.json`)
  const args = [
    '--json',
    `--outputFile=${outputFile}`,
    ...(levels[level].stack || levels[level].lacking ? ['--runInBand'] : ['--maxWorkers=2']),
    '--runTestsByPath',
    ...filesOf(level),
  ]
  const { code } = await run(process.execPath, [at('node_modules', 'jest', 'bin', 'jest.js'), ...args], {
    env: {
      NODE_OPTIONS: [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--no-warnings'].filter(Boolean).join(' '),
      TRIBUTARY_TEST_WAITS: join(reports, 'waits.jsonl'),
      ...stackVariables(),
    },
  })
  const counted = count(outputFile)
  const ok = code === 0 && counted !== null && counted.failed === 0
  // jest that ends badly without a failed test (a crash, a syntax error, Ctrl-C) has failed all the same.
  const { passed, skipped } = counted ?? { passed: 0, skipped: 0 }
  const failed = ok ? 0 : Math.max(1, counted?.failed ?? 0)
  totals.passed += passed
  totals.skipped += skipped
  totals.failed += failed
  if (!ok) bad.push(level)
  say(
    `${ok ? 'ok    ' : 'FAILED'} ${level}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} (${seconds(began)})`,
  )
}

/** A file that does not even load has no tests: it counts as one failure. */
function count(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'))
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    }
  } catch {
    return null
  }
}

function filesOf(level) {
  const others = Object.entries(levels).flatMap(([name, { folders }]) => (name === level ? [] : folders))
  const folders = levels[level].folders.length > 0 ? levels[level].folders : ['test']
  return folders
    .flatMap(folder => testsBelow(folder))
    .filter(file => level !== 'unit' || !others.some(other => file.startsWith(`${other}/`)))
}

function testsBelow(folder) {
  if (!existsSync(at(folder))) return []
  return readdirSync(at(folder), { withFileTypes: true })
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return testsBelow(path)
      return entry.name.endsWith('.test.ts') ? [path] : []
    })
    .sort()
}

/** Why containers cannot be tested here, in one line; null = they can. Images that are not here are pulled, where that is possible. */
function dockerLacks() {
  const ask = (args, timeout) => spawnSync('docker', args, { timeout, encoding: 'utf8' })
  if (ask(['version'], 5000).status !== 0) return 'no Docker engine answers'
  const composes = [
    ['docker', ['compose', 'version']],
    ['docker-compose', ['version']],
  ]
  if (!composes.some(([file, args]) => spawnSync(file, args, { timeout: 20_000 }).status === 0)) return 'there is no Docker Compose'
  const named = [...readFileSync(at('docker-compose.yml'), 'utf8').matchAll(/^ +image: (\S+)/gm)].map(([, image]) => image)
  const [, base] = /^FROM (\S+)/m.exec(readFileSync(at('Dockerfile'), 'utf8'))
  // Kafka UI is for looking; the other one is built.
  const needed = [...named.filter(image => !/tributary|kafka-ui/.test(image)), base]
  const absent = needed.filter(image => ask(['image', 'inspect', image], 10_000).status !== 0)
  // One that cannot be pulled is enough: without a way to a registry each would wait for its time-out.
  const refused = absent.find(image => ask(['pull', '-q', image], 600_000).status !== 0)
  return refused === undefined ? null : `the engine has no image ${refused} and cannot pull it (test/docker/stand-in.sh makes all of them)`
}

/** One stack with a data folder of its own for all levels: what a developer has running is not touched. */
async function startStack() {
  const began = Date.now()
  say('\n== starting Kafka, schema registry and S3 for the tests')
  try {
    const { startStack: start, stopStack: stop } = await import(pathToFileURL(at('dist', 'stack', 'stack.js')).href)
    stack = { stop, services: null }
    const events = { step: text => say(`  ${text}`) }
    stack.services = await start({ root, dataDir, env: process.env, fresh: true, profile: 'test', events })
    say(`ok     stack (${seconds(began)})`)
    return true
  } catch (error) {
    say(`FAILED stack: ${error.message}`)
    totals.failed++
    bad.push('stack')
    return false
  }
}

function stackVariables() {
  if (!stack?.services) return {}
  const { brokers, registry, s3 } = stack.services
  return {
    TRIBUTARY_TEST_BROKERS: brokers.join(','),
    TRIBUTARY_TEST_REGISTRY: registry,
    TRIBUTARY_TEST_S3: JSON.stringify(s3),
    TRIBUTARY_TEST_KAFKA_DATA: join(dataDir, 'stack', 'kafka', 'data'),
  }
}

async function stopStack() {
  if (stack === null) return
  const { left } = await stack.stop(dataDir)
  if (left.length > 0) say(`still running: ${left.join(', ')}`)
}

/** The last line is the sum, whatever happened. */
function finish() {
  if (interrupted) bad.push(`interrupted by ${interrupted}`)
  if (interrupted && totals.failed === 0) totals.failed = 1
  if (totals.passed + totals.failed === 0) bad.push('nothing was tested')
  for (const line of slowest(reports, root)) say(line)
  say(bad.length > 0 ? `\nFAILED: ${bad.join(', ')}` : '\nall well')
  say(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`)
  return bad.length > 0 ? 1 : 0
}

/** Everything a child prints goes to standard output in its order; `quiet` keeps it back. */
function run(file, args, { env = {}, quiet = false } = {}) {
  return new Promise(resolve => {
    current = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [current.stdout, current.stderr])
      createInterface({ input: stream }).on('line', line => {
        if (quiet) output += `${line}\n`
        else if (!noise.test(line)) say(line)
      })
    current.on('error', error => resolve({ code: 1, output: `${file}: ${error.message}` }))
    current.on('close', code => {
      current = null
      resolve({ code, output })
    })
  })
}

function seconds(began) {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
