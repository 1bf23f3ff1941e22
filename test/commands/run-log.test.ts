import { runLog } from '../../commands/run-log.js'
import { capture } from './capture.js'

const assigned = '{"level":30,"time":"2026-11-29T08:15:02.877Z","name":"route","role":"route","partitions":[0,1],"msg":"tasks assigned"}'

test('every line is JSON: what roles log as it came, what anything else prints in a line of its own', () => {
  const stream = capture()
  const log = runLog(stream, {})
  log.printed('route', assigned)
  for (const text of ['FATAL ERROR: Reached heap limit', '{ not JSON', '']) log.printed('route', text)
  log.logger.warn({ role: 'sink' }, 'sink (process 7) ended by SIGKILL; starting it again in 0.2 s')
  const lines = stream.text().trimEnd().split('\n')
  expect(lines[0]).toBe(assigned)
  expect(lines.map(line => JSON.parse(line)).slice(1)).toEqual([
    { level: 40, time: expect.any(String), name: 'route', printed: true, msg: 'FATAL ERROR: Reached heap limit' },
    { level: 40, time: expect.any(String), name: 'route', printed: true, msg: '{ not JSON' },
    expect.objectContaining({ level: 40, name: 'run', role: 'sink', msg: expect.stringContaining('ended by SIGKILL') }),
  ])
})

test('on a terminal a line is text within its width', () => {
  const stream = capture({ columns: 50 })
  const log = runLog(stream, {})
  log.printed('route', assigned)
  log.printed(
    'sink',
    '{"level":40,"time":"2026-11-29T08:15:03.000Z","name":"sink","role":"sink","msg":"no \\u001b[31m room","code":"DISK_FULL"}',
  )
  expect(stream.text()).toBe(
    [
      '08:15:02 route      tasks assigned',
      '                    partitions=[0,1]',
      '08:15:03 sink       warning: no ·[31m room',
      '                    code=DISK_FULL',
      '',
    ].join('\n'),
  )
})

test('a level, and secrets, are kept; a level that does not exist is a mistake that can still be said', () => {
  const said = (env: Record<string, string>) => {
    const stream = capture()
    const log = runLog(stream, env)
    log.logger.info({}, 'info')
    log.logger.error({}, 'error')
    log.printed('route', `signed with ${env.KAFKA_SASL_PASSWORD}`)
    return stream.text()
  }
  expect(said({ LOG_LEVEL: 'error', KAFKA_SASL_PASSWORD: 'the-password-of-kafka' })).not.toMatch(/"info"|the-password-of-kafka/)
  expect(said({ LOG_LEVEL: 'loud' })).toContain('"msg":"info"')
})
