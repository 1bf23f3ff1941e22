import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDir, openCache } from '../../stack/cache.js'
import { ensureJava } from '../../stack/jre.js'
import { kafka } from '../../stack/kafka.js'
import { serverProperties } from '../../stack/kafka-config.js'
import { environmentOf } from '../driver/compose-file.js'

const folder = mkdtempSync(join(tmpdir(), 'tributary-kafka-image-'))
afterAll(() => rmSync(folder, { recursive: true }))

const properties = (text: string) =>
  new Map(text.split('\n').flatMap(line => (line === '' ? [] : [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]])))

/** The image's start-up program is in the jars that the stack has fetched: what it makes of its environment is seen without an engine. */
test('the image of Kafka makes the settings of the local stack out of its environment, and formats its storage', async () => {
  const ignored = { step: () => undefined }
  const cache = await openCache(cacheDir(process.env), ignored)
  const { home } = await ensureJava(cache, process.env, ignored)
  const jars = (await cache.files(kafka.download!.folder)).filter(file => file.endsWith('.jar'))
  const at = (name: string) => join(folder, name)
  for (const name of ['default', 'mounted', 'final']) mkdirSync(at(name))
  // As they lie in the image: defaults for who sets nothing, and logging, of which only the form matters here.
  writeFileSync(join(at('default'), 'server.properties'), 'process.roles=broker\n')
  writeFileSync(join(at('final'), 'server.properties'), '')
  for (const name of ['log4j2.yaml', 'tools-log4j2.yaml'])
    writeFileSync(join(at('default'), name), 'Configuration:\n  Loggers:\n    Root:\n      level: WARN\n')
  const folders = ['default', 'mounted', 'final'].flatMap(name => [`--${name}-configs-dir`, at(name)])
  const { stdout } = await promisify(execFile)(
    join(home, 'bin', 'java'),
    ['-XX:TieredStopAtLevel=1', '-cp', jars.join(delimiter), 'kafka.docker.KafkaDockerWrapper', 'setup', ...folders],
    { env: { ...environmentOf('kafka'), KAFKA_LOG_DIRS: at('data') } },
  )
  expect(stdout).toContain(`Formatting metadata directory ${at('data')}`)
  expect(readFileSync(join(at('data'), 'meta.properties'), 'utf8')).toContain(`cluster.id=${environmentOf('kafka').CLUSTER_ID}`)

  const made = properties(readFileSync(join(at('final'), 'server.properties'), 'utf8'))
  const wanted = properties(serverProperties({ client: 1, controller: 2, profile: 'run' }))
  const moved = [...wanted].filter(([name, value]) => made.get(name) !== value).map(([name]) => name)
  const places = [
    'advertised.listeners',
    'controller.quorum.voters',
    'inter.broker.listener.name',
    'listener.security.protocol.map',
    'listeners',
    'log.dirs',
  ]
  expect(moved.sort()).toEqual(places)
  expect([...made.keys()].sort()).toEqual([...wanted.keys()].sort())
})
