import { existsSync, readFileSync } from 'node:fs'

const read = (path: string) => readFileSync(path, 'utf8')
const lines = (path: string) =>
  read(path)
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
const instructions = lines('Dockerfile').map(line => line.split(' '))
const of = (name: string) => instructions.filter(([instruction]) => instruction === name).map(([, ...rest]) => rest)
const from = (words: readonly string[]) => words.find(word => word.startsWith('--from='))?.slice('--from='.length)

const [first, ...excepted] = lines('.dockerignore')
const letsIn = (path: string) => {
  const top = path.split('/')[0]!
  return excepted.some(entry => entry === `!${top}` || (entry === '!*.ts' && top === path && top.endsWith('.ts')))
}

// 24 and 26 misread escaped keys of JSON: see `misreadsEscapedKeys`.
test('every stage is an earlier one, or an image that is pinned and reads JSON right', () => {
  const stages = new Set<string>()
  for (const [image = '', , name] of of('FROM')) {
    if (!stages.has(image)) expect(image).toMatch(/^node:22\.\d+\.\d+-[a-z]+-slim(@sha256:[0-9a-f]{64})?$/)
    if (name !== undefined) stages.add(name)
  }
  for (const words of of('COPY')) if (from(words) !== undefined) expect(stages).toContain(from(words))
})

test('what is copied from here is here, and not held back', () => {
  const sources = of('COPY').flatMap(words => (from(words) === undefined ? words.slice(0, -1) : []))
  for (const source of sources.filter(path => path !== '.'))
    expect([source, existsSync(source), letsIn(source)]).toEqual([source, true, true])
})

test('what is compiled is let in, tests and benchmarks aside, and nothing else but what is needed', () => {
  expect(first).toBe('*')
  const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] }
  const compiled = include.map(pattern => (pattern === '*.ts' ? pattern : pattern.split('/')[0]!)).filter(top => top !== 'bench')
  const beside = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'launch.mjs', 'tributary']
  expect([...excepted].sort()).toEqual([...compiled, ...beside].map(entry => `!${entry}`).sort())
})

test('what it runs with is what the lock says, and no install script was run', () => {
  const installs = of('RUN')
    .map(words => words.join(' '))
    .filter(text => text.startsWith('npm ') && !text.startsWith('npm run'))
  expect(installs.length).toBe(2)
  for (const install of installs) expect(install).toMatch(/^npm ci .*--ignore-scripts/)
  expect(installs[0]).toContain('--omit=dev')
})

test('it is no root, hears signals, and keeps its state where its user may write', () => {
  expect(of('USER')).toEqual([['node']])
  // The form with brackets: a shell in between would not pass SIGTERM on.
  expect(of('ENTRYPOINT')).toEqual([['["tributary"]']])
  expect(of('CMD')).toEqual([['["run"]']])
  expect(of('VOLUME')).toEqual([])
  const [[variable]] = of('ENV') as [[string]]
  const [name, folder] = variable.split('=') as [string, string]
  expect(name).toBe('TRIBUTARY_DATA_DIR')
  expect(of('RUN').at(-1)!.join(' ')).toContain(`install -d -o node -g node ${folder}`)
})
