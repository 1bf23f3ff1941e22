import { spawnLogged } from '../../runtime/child.js'

function run(script: string, name = 'route') {
  const lines: [name: string, line: string][] = []
  const spawn = spawnLogged((from, line) => lines.push([from, line]))
  return { lines, child: spawn(process.execPath, ['-e', script], { PATH: process.env.PATH }, name) }
}

test('what a process prints is read to its last words before its end is reported', async () => {
  const { lines, child } = run(
    "console.log('out'); process.stderr.write('{\"level\":30}\\nhalf a line'); process.kill(process.pid, 'SIGKILL')",
  )
  expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL', error: null })
  expect(lines.sort()).toEqual([
    ['route', 'half a line'],
    ['route', 'out'],
    ['route', '{"level":30}'],
  ])
})

test('an output that something else holds open does not hold up the end', async () => {
  const { child, lines } = run(
    "const { pid } = require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); console.log(pid); process.exit(3)",
  )
  expect(await child.ended).toMatchObject({ code: 3 })
  process.kill(Number(lines[0]?.[1]), 'SIGKILL')
})

test('a program that is not there is reported', async () => {
  const spawn = spawnLogged(() => undefined)
  expect(await spawn('/none/such', [], {}).ended).toMatchObject({ code: null, error: expect.stringContaining('ENOENT') })
})
