import { type Command, command } from '../../commands/command.js'
import { understand } from '../../commands/command-line.js'
import { choices, flag, instant, list, neededText, wholeNumber } from '../../commands/flags.js'

const sample = command({
  name: 'backfill',
  about: 'Replays history.',
  arguments: {},
  flags: {
    bucket: neededText('bucket', 'The bucket.'),
    section: list('ids', 'Sections.'),
    since: instant('time', 'From.'),
    limitRate: wholeNumber('n', 'Rate.', null),
    roles: choices(['route', 'sink'], 'roles', 'Roles.'),
    dryRun: flag('Nothing is changed.'),
  },
  json: true,
  examples: [['backfill --bucket b', 'all of it']],
  run: async () => 0,
})
const show = command({
  name: 'dataset show',
  about: 'Shows one.',
  arguments: { id: 'Its id.' },
  flags: {},
  json: true,
  examples: [['dataset show a', 'one']],
  run: async () => 0,
})
const explain = command({
  name: 'explain',
  about: 'Explains.',
  arguments: { what: { optional: 'What.' } },
  flags: {},
  json: true,
  examples: [['explain', 'all']],
  run: async () => 0,
})
const commands: readonly Command[] = [sample, show, explain]

function read(argv: readonly string[], env: Record<string, string> = {}) {
  let written = ''
  const understood = understand({ commands, groups: { dataset: 'Datasets.' }, version: '1.2.3' }, argv, env, text => {
    written += text
  })
  return { understood, written }
}

function chosen(argv: readonly string[], env: Record<string, string> = {}) {
  const { understood } = read(argv, env)
  if (understood.kind !== 'chosen') throw new Error(JSON.stringify(understood))
  return understood.chosen
}

function wrong(argv: readonly string[], env: Record<string, string> = {}): string {
  const { understood } = read(argv, env)
  if (understood.kind !== 'wrong') throw new Error(`not wrong: ${JSON.stringify(understood)}`)
  return understood.text
}

test('flags have the values of their kinds', () => {
  const { options, json } = chosen([
    'backfill',
    '--bucket',
    'b',
    '--section',
    '1,2',
    '--section',
    '3',
    '--since',
    '2024-09-01',
    '--dry-run',
    '--json',
  ])
  const since = Date.UTC(2024, 8, 1)
  expect(options).toEqual({
    bucket: 'b',
    section: ['1', '2', '3'],
    since,
    limitRate: null,
    roles: null,
    dryRun: true,
    json: true,
  })
  expect(json).toBe(true)
})

test('a flag may stand in the environment; the command line wins', () => {
  const env = { TRIBUTARY_BUCKET: 'env', TRIBUTARY_LIMIT_RATE: '5', TRIBUTARY_DRY_RUN: 'true', TRIBUTARY_JSON: '0', TRIBUTARY_SECTION: '' }
  const { options, json } = chosen(['backfill', '--bucket', 'line'], env)
  expect(options).toMatchObject({ bucket: 'line', limitRate: 5, dryRun: true, section: [] })
  expect(json).toBe(false)
})

test('a command of a group has its arguments by name', () => {
  const { command, args } = chosen(['dataset', 'show', 'attempts'])
  expect([command.name, args]).toEqual(['dataset show', { id: 'attempts' }])
})

test('an optional argument is null when it is not there', () => {
  expect([chosen(['explain']).args, chosen(['explain', 'x']).args]).toEqual([{ what: null }, { what: 'x' }])
  expect(read(['--help']).written).toContain('explain [what]')
})

test('every mistake is named at once, with the flag or the variable that has it', () => {
  const text = wrong(['backfill', '--since', 'yesterday'], { TRIBUTARY_LIMIT_RATE: 'x', TRIBUTARY_ROLES: 'route,cook' })
  expect(text).toMatch(/--bucket is missing/)
  expect(text).toMatch(/--since must be a date .*given: yesterday/)
  expect(text).toMatch(/TRIBUTARY_LIMIT_RATE must be a whole number/)
  expect(text).toMatch(/TRIBUTARY_ROLES cook is not one of route, sink/)
})

test.each([
  [['bakfill'], 'Did you mean backfill?'],
  [['backfill', '--buckett', 'x'], 'Did you mean --bucket?'],
  [['dataset', 'shw', 'x'], 'Did you mean show?'],
  [['dataset', 'show'], "missing required argument 'id'"],
  [['dataset', 'show', 'a', 'b'], 'too many arguments'],
  [['dataset'], 'Usage: tributary dataset'],
  [[], 'Usage: tributary'],
])('%j is wrong usage: %s', (argv, text) => {
  expect(wrong(argv)).toContain(text)
})

test('the help shows flags, variables and examples, and needs nothing else to be right', () => {
  const { understood, written } = read(['backfill', '--help'])
  expect(understood.kind).toBe('shown')
  expect(written).toMatch(/--limit-rate <n>/)
  expect(written).toMatch(/TRIBUTARY_LIMIT_RATE/)
  expect(written).toMatch(/# all of it\n {2}tributary backfill --bucket b/)
  expect(read(['--version']).written).toBe('1.2.3\n')
})
