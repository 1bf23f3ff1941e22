import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composedServer, type Placed } from '../../stack/docker/composed-server.js'
import { clusterOf } from '../../stack/docker/names.js'
import { partNames } from '../../stack/services.js'
import { stackToStart } from '../../stack/stack.js'
import { isStarted, newState, readState, startedAs, withPart, writeState } from '../../stack/state.js'

const placed: Placed = {
  root: process.cwd(),
  dataDir: '/home/someone/tributary/.tributary',
  port: 21_005,
  credentials: { accessKeyId: 'someone', secretAccessKey: 'something' },
  profile: 'run',
}

test.each(partNames)('%s is the server of docker-compose.yml, on a port of the data folder', name => {
  const spec = composedServer(name, placed)
  expect(JSON.stringify(spec)).not.toMatch(/\$\{/)
  expect(spec.port.here).toBe(21_005)
  expect(spec.volume.name).toBe(spec.name)
  const other = composedServer(name, { ...placed, dataDir: '/home/someone/another/.tributary' })
  expect([spec.image, spec.name === other.name, spec.volume.name === other.volume.name]).toEqual([other.image, false, false])
})

test('Kafka leads its clients to the port of this machine, and is a cluster of its own', () => {
  const { environment, hostname, tmpfs } = composedServer('kafka', placed)
  expect(environment.KAFKA_ADVERTISED_LISTENERS).toBe(`CONTAINERS://${hostname}:19092,HOST://127.0.0.1:21005`)
  expect(environment.CLUSTER_ID).toBe(clusterOf(placed.dataDir))
  expect(Buffer.from(environment.CLUSTER_ID!, 'base64url')).toHaveLength(16)
  expect(clusterOf('/another')).not.toBe(clusterOf(placed.dataDir))
  expect(tmpfs).toHaveLength(2)
  expect(environment).not.toHaveProperty('KAFKA_BROKER_SESSION_TIMEOUT_MS')
  expect(composedServer('kafka', { ...placed, profile: 'test' }).environment).toMatchObject({ KAFKA_BROKER_SESSION_TIMEOUT_MS: '3000' })
})

test('the S3 server takes the credentials of the data folder', () => {
  expect(composedServer('s3', placed).environment).toEqual({ ROOT_ACCESS_KEY_ID: 'someone', ROOT_SECRET_ACCESS_KEY: 'something' })
})

describe('a stack of containers', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'state-'))
  afterAll(() => rmSync(dataDir, { recursive: true }))
  const part = { kind: 'versitygw', version: '1', ports: { http: 21_007 }, process: null }

  test('is started until it is stopped, and goes on as what it is', () => {
    expect(stackToStart({ dataDir })).toBe('processes')
    expect(stackToStart({ dataDir, kind: 'docker' })).toBe('docker')
    writeState(dataDir, withPart(newState(), 's3', { ...part, container: 'tributary-1-s3' }))
    expect([startedAs(readState(dataDir)), isStarted(readState(dataDir)!.parts.s3)]).toEqual(['docker', true])
    expect(stackToStart({ dataDir })).toBe('docker')
    expect(() => stackToStart({ dataDir, kind: 'processes' })).toThrow('it runs as containers; `tributary down` stops it')
    writeState(dataDir, withPart(newState(), 's3', { ...part, container: null }))
    expect([startedAs(readState(dataDir)), stackToStart({ dataDir })]).toEqual([null, 'processes'])
  })
})
