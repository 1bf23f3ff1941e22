/**
 * Brings a checkout up to date (packages, compiled sources) and runs it in this process. When all is up to date, which
 * is nearly always, that takes some milliseconds. An installed package has no sources: it just runs.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const at = (...path) => join(root, ...path)

const main = at('dist', 'main.js')
const sourcesStamp = at('dist', '.sources')
const packagesStamp = at('node_modules', '.tributary-lock')
const lockFile = at('.tributary', 'launch.lock')
/** Not compiled; `.git` and `.tributary` too. */
const notSources = /^(node_modules|dist.*|test|docs|\..*)$/
const setupOnly = process.argv[2] === '--setup'

const isCheckout = existsSync(at('tsconfig.build.json')) && existsSync(at('main.ts'))
if (isCheckout && needs().length > 0) await bringUpToDate()

if (setupOnly) say('set up: `./tributary --help` shows what it can do')
else if (existsSync(main)) await import(pathToFileURL(main).href)
else end(`${main} is missing: the package was installed incompletely`)

/** What has to be done, in order. */
function needs() {
  const sources = read(sourcesStamp) !== sourcesNow() || !existsSync(main)
  const packages = !packagesFit({ withDev: sources })
  // Without its compiler (an image that ships sources beside dist) what is there is run.
  if (sources && packages && existsSync(main) && packagesFit({ withDev: false }) && !existsSync(at('node_modules', '.bin', 'tsc')))
    return []
  return [...(packages ? ['packages'] : []), ...(sources ? ['sources'] : [])]
}

/** One launcher works, others wait for it and then find nothing left to do. */
async function bringUpToDate() {
  await lock()
  try {
    const todo = needs()
    if (todo.includes('packages')) installPackages()
    if (todo.includes('sources')) compile()
  } finally {
    rmSync(lockFile, { force: true })
  }
}

/**
 * `npm ci` refuses a lock in which packages for other systems are missing, as it is when the lock was made behind a registry
 * that carries one system only; `npm install` takes the same versions from it and goes on.
 */
function installPackages() {
  say('installing packages (only when package-lock.json has changed)')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  if (hidden('npm', ['ci', ...quiet]).status !== 0) run('npm', ['install', '--no-save', ...quiet], 'installing packages')
  writeFileSync(packagesStamp, hash(read(at('package-lock.json'))))
}

/** Into a folder beside, then swapped, so that nobody ever sees half of it. The sources are named as they were before compiling. */
function compile() {
  say('compiling (only when sources have changed)')
  const stamp = sourcesNow()
  for (const name of readdirSync(root)) if (/^dist\.(new|old)-\d+$/.test(name)) rmSync(at(name), { recursive: true, force: true })
  const fresh = at(`dist.new-${process.pid}`)
  const old = at(`dist.old-${process.pid}`)
  run(
    process.execPath,
    [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.build.json'), '--outDir', fresh],
    'compiling',
    () => rmSync(fresh, { recursive: true, force: true }),
  )
  writeFileSync(join(fresh, '.sources'), stamp)
  if (existsSync(at('dist'))) renameSync(at('dist'), old)
  renameSync(fresh, at('dist'))
  rmSync(old, { recursive: true, force: true })
}

/** True when node_modules is what package-lock.json says. npm writes its own copy of the lock last: no copy, no complete install. */
function packagesFit({ withDev }) {
  const wanted = read(at('package-lock.json'))
  const installed = read(at('node_modules', '.package-lock.json'))
  if (wanted === null) return installed !== null
  if (installed === null) return false
  if (read(packagesStamp) === hash(wanted)) return true
  const have = JSON.parse(installed).packages
  return Object.entries(JSON.parse(wanted).packages).every(([path, want]) => {
    if (path === '') return true
    if (have[path] !== undefined) return have[path].version === want.version && have[path].integrity === want.integrity
    return want.optional || want.devOptional || want.peer || (want.dev && !withDev)
  })
}

/** Name, size and time of every source: another branch, an older file and a removed file are seen as well as a newer one. */
function sourcesNow() {
  const seen = []
  const look = folder => {
    for (const entry of readdirSync(at(folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!notSources.test(path)) look(path)
      } else if (/\.ts$/.test(entry.name) || /^(package|tsconfig.*)\.json$/.test(path)) {
        const { size, mtimeMs } = statSync(at(path))
        seen.push(`${path} ${size} ${mtimeMs}`)
      }
    }
  }
  look('.')
  return hash(seen.sort().join('\n'))
}

function hidden(command, args) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
}

/** Runs hidden; the beginning of its output, where the cause stands, is shown only when it ends badly. */
function run(command, args, what, cleanUp = () => {}) {
  const { status, error, stdout, stderr } = hidden(command, args)
  if (status === 0) return
  const output = `${stdout ?? ''}${stderr ?? ''}`.split('\n')
  process.stderr.write(output.length > 40 ? `${output.slice(0, 40).join('\n')}\n… (${output.length - 40} more lines)\n` : output.join('\n'))
  cleanUp()
  rmSync(lockFile, { force: true })
  end(`${what}: ${error ? `\`${command}\` cannot be run (${error.code})` : `\`${command}\` ended with ${status}`}`)
}

async function lock() {
  mkdirSync(dirname(lockFile), { recursive: true })
  for (let told = false; ; ) {
    try {
      return writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (holderIsGone()) rmSync(lockFile, { force: true })
    else if (!told) {
      told = true
      say('another launcher is setting up; waiting for it')
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

function holderIsGone() {
  const pid = Number(read(lockFile))
  try {
    const old = Date.now() - statSync(lockFile).mtimeMs
    if (!(pid > 0)) return old > 2_000
    process.kill(pid, 0)
    return old > 15 * 60_000
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex')
}

function say(text) {
  process.stderr.write(`tributary: ${text}\n`)
}

function end(text) {
  say(text)
  process.exit(1)
}
