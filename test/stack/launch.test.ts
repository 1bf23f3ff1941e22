import { telling } from '../../stack/launch.js'

test('the end of a log is shown, with the first complaint if that was before', () => {
  const trace = Array.from({ length: 30 }, (_, i) => `  at frame ${i}`)
  const log = ['INFO starting', 'ERROR port 9000 is taken', ...trace, ''].join('\n')
  expect(telling(log, 2)).toBe('ERROR port 9000 is taken\n…\n  at frame 28\n  at frame 29')
  expect(telling('one\nERROR two\n', 20)).toBe('one\nERROR two')
  expect(telling('', 20)).toBe('')
})
