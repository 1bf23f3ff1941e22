import { createServer } from 'node:net'
import { askKafka, decodeDescribeCluster, encodeDescribeCluster } from '../../stack/kafka-ask.js'
import { serverProperties } from '../../stack/kafka-config.js'

const read = (text: string): Map<string, string> =>
  new Map(
    text
      .trimEnd()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** Correlation 1, no tags, no throttle, no error, no message, then the cluster id, the controller and the brokers. */
function answer(o: { error?: number; brokers: number }): Buffer {
  const id = Buffer.from('MkU3OEVBNTcwNTJENDM2Qg')
  const start = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, o.error ?? 0, 0])
  return Buffer.concat([start, Buffer.from([id.length + 1]), id, Buffer.from([0, 0, 0, 1, o.brokers + 1])])
}

test('the settings listen on this machine only and name no folder outside the data folder', () => {
  const settings = read(serverProperties({ client: 21_000, controller: 21_001, profile: 'run' }))
  expect(settings.get('listeners')).toBe('PLAINTEXT://127.0.0.1:21000,CONTROLLER://127.0.0.1:21001')
  expect(settings.get('advertised.listeners')).toBe('PLAINTEXT://127.0.0.1:21000')
  expect(settings.get('controller.quorum.voters')).toBe('1@127.0.0.1:21001')
  expect(settings.get('log.dirs')).toBe('data')
})

test('the settings that the pipeline relies on', () => {
  const settings = read(serverProperties({ client: 1, controller: 2, profile: 'run' }))
  expect(settings.get('transaction.abort.timed.out.transaction.cleanup.interval.ms')).toBe('1000')
  expect(settings.get('message.max.bytes')).toBe('6291456')
  expect(settings.get('replica.fetch.max.bytes')).toBe('6291456')
  expect(settings.get('auto.create.topics.enable')).toBe('false')
  expect(settings.has('log.cleaner.backoff.ms')).toBe(false)
  expect(read(serverProperties({ client: 1, controller: 2, profile: 'test' })).get('log.cleaner.backoff.ms')).toBe('200')
})

test('the question carries its own length', () => {
  const frame = encodeDescribeCluster()
  expect(frame.readInt32BE(0)).toBe(frame.length - 4)
  expect([frame.readInt16BE(4), frame.readInt16BE(6), frame.readInt32BE(8)]).toEqual([60, 0, 1])
})

test('the answer names the cluster and counts its brokers', () => {
  expect(decodeDescribeCluster(answer({ brokers: 1 }))).toEqual({ clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', brokers: 1 })
  expect(decodeDescribeCluster(answer({ brokers: 0 }))).toEqual({ clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', brokers: 0 })
  expect(decodeDescribeCluster(answer({ error: 41, brokers: 1 }))).toBeNull()
  expect(decodeDescribeCluster(Buffer.from('HTTP/1.1 400 Bad Request'))).toBeNull()
})

test('a server that speaks another protocol, or none, is no broker', async () => {
  const stranger = createServer(socket => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>(resolve => stranger.listen(0, '127.0.0.1', resolve))
  const { port } = stranger.address() as { port: number }
  expect(await askKafka(port, 500)).toBeNull()
  await new Promise(resolve => stranger.close(resolve))
  expect(await askKafka(port, 500)).toBeNull()
})
