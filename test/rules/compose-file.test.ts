import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { commands, groups } from '../../commands/all.js'
import { understand } from '../../commands/command-line.js'
import { readConfig, settings } from '../../config.js'
import { addressesOf } from '../../runtime/addresses.js'
import { pseudonymKey } from '../../runtime/services.js'
import { publicKey } from '../../sinks/identity.js'
import { kafka } from '../../stack/kafka.js'
import { registry } from '../../stack/registry.js'
import { compose, composeVariables, ourServices, published, serviceOf } from '../driver/compose-file.js'

const services = Object.entries(compose.services)
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

test('images are pinned, and are the versions that the local stack runs', () => {
  for (const [, { image }] of services) expect(image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$/)
  expect(serviceOf('kafka').image.split('@')[0]).toBe(`apache/kafka:${kafka.version}`)
  expect(serviceOf('registry').image.split('@')[0]).toBe(`apicurio/apicurio-registry:${registry.version}`)
  expect(ourServices.map(([, { image }]) => image)).toEqual(ourServices.map(() => `tributary:${version}`))
})

test('our image is built by one service, before any other takes it', () => {
  const builders = ourServices.filter(([, { build }]) => build !== undefined).map(([name]) => name)
  expect(builders).toHaveLength(1)
  for (const [name, { pull_policy: policy, depends_on = {} }] of ourServices)
    if (!builders.includes(name)) expect([name, policy, Object.keys(depends_on)]).toEqual([name, 'never', expect.arrayContaining(builders)])
})

test('only this machine reaches the ports, and each is taken once', () => {
  const here = services.flatMap(([, service]) => published(service).map(([port]) => port))
  expect(here.length).toBeGreaterThan(0)
  expect(new Set(here).size).toBe(here.length)
})

test('whatever runs has a health check, and who waits for somebody waits for what can come', () => {
  const awaited = (condition: string) =>
    services.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on).filter(name => depends_on[name]!.condition === condition))
  const once = new Set(awaited('service_completed_successfully'))
  for (const [name, { healthcheck }] of services) expect([name, healthcheck === undefined]).toEqual([name, once.has(name)])
  for (const name of awaited('service_healthy')) expect(serviceOf(name).healthcheck).toBeDefined()
  const conditions = services.flatMap(([, { depends_on = {} }]) => Object.values(depends_on).map(({ condition }) => condition))
  expect([...new Set(conditions)].sort()).toEqual(['service_completed_successfully', 'service_healthy'])
})

test('volumes are declared and used, and state is nobody else’s', () => {
  const used = services.flatMap(([, { volumes = [] }]) => volumes.map(volume => volume.split(':')[0]))
  expect(used.sort()).toEqual(Object.keys(compose.volumes).sort())
  expect(ourServices.flatMap(([, { volumes = [] }]) => volumes)).toEqual([])
})

/** What `docker image inspect` says of upstream's images (`Config.Volumes`). */
const volumesOfImages: Readonly<Record<string, readonly string[]>> = {
  kafka: ['/etc/kafka/secrets', '/mnt/shared/config', '/var/lib/kafka/data'],
}

test('no container has a volume without a name: `down --volumes` would not find it', () => {
  for (const [name, paths] of Object.entries(volumesOfImages)) {
    const { volumes = [], tmpfs = [] } = serviceOf(name)
    expect([...tmpfs, ...volumes.map(volume => volume.split(':')[1]!)].sort()).toEqual(paths)
  }
})

test('Tributary is given settings that exist, and enough of them', () => {
  const known = new Set<string>(Object.values(settings).map(({ env }) => env))
  for (const [name, service] of ourServices) {
    expect(Object.keys(service.environment!).filter(variable => !known.has(variable))).toEqual([])
    const config = readConfig(service.environment!)
    expect(addressesOf(config, null).s3.endpoint).not.toBe('')
    // The one that the code knows, so it is refused for learners who are not made up.
    expect([pseudonymKey(config), config.allowPublicKey]).toEqual([publicKey, false])
    const understood = understand({ commands, groups, version }, service.command!, service.environment!, () => undefined)
    expect([name, understood]).toMatchObject([name, { kind: 'chosen', chosen: { command: { name: service.command!.join(' ') } } }])
  }
  const check = serviceOf('tributary').healthcheck!.test
  expect(understand({ commands, groups, version }, check.slice(2), {}, () => undefined)).toMatchObject({ kind: 'chosen' })
})

test('topics are created, and schemas registered, before any role starts', () => {
  expect(serviceOf('topics').command).toEqual(['topics', 'create'])
  expect(serviceOf('tributary').depends_on).toHaveProperty('topics.condition', 'service_completed_successfully')
})

test('.env.example names what may be set, with what it is when it is not', () => {
  const lines = readFileSync('.env.example', 'utf8').split('\n')
  const set = lines.filter(line => line !== '' && !line.startsWith('#')).map(line => line.split('=') as [string, string])
  expect(Object.fromEntries(set)).toEqual(composeVariables)
})

/** A misspelt key would be a thing that Compose does not do. */
const known = [
  'image',
  'build',
  'user',
  'command',
  'environment',
  'ports',
  'volumes',
  'depends_on',
  'pull_policy',
  'tmpfs',
  'init',
  'healthcheck',
  'stop_grace_period',
  'restart',
]

/** Compose as Debian has it, and as a plug-in of Docker. */
const composers = [['docker-compose'], ['docker', 'compose']] as const

test('Compose understands the file', () => {
  for (const [name, service] of services) expect([name, Object.keys(service).filter(key => !known.includes(key))]).toEqual([name, []])
  for (const [file, ...args] of composers) {
    const ask = (...more: string[]) => spawnSync(file, [...args, ...more], { encoding: 'utf8', env: { PATH: process.env.PATH } })
    const command = [file, ...args, 'config', '-q'].join(' ')
    if (ask('version').status !== 0) {
      console.log(`not run, since it is not here: ${command}`)
      continue
    }
    const { status, stderr } = ask('config', '-q')
    expect([command, status === 0 ? 'understood' : stderr]).toEqual([command, 'understood'])
    console.log(`run: ${command}`)
  }
})
