import { Writable } from 'node:stream'
import { bytes, count, duration, number } from '../../commands/terminal/format.js'
import { makeOutput } from '../../commands/terminal/output.js'
import { inOneLine, printable } from '../../commands/terminal/printable.js'
import { barText, progressView } from '../../commands/terminal/progress-bar.js'
import { pairs, table } from '../../commands/terminal/table.js'
import { capture } from './capture.js'

test('numbers, sizes and times as people read them', () => {
  expect([number(1234567.8), number(0)]).toEqual(['1,234,568', '0'])
  expect([0, 999, 1000, 9_949, 9_960, 999_400, 999_600, 5e9].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '10 kB',
    '999 kB',
    '1.0 MB',
    '5.0 GB',
  ])
  expect([0.04, 9.9, 9.96, 59.4, 59.6, 3599, 7260, 90_000, Number.NaN].map(duration)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '59 min 59 s',
    '2 h 1 min',
    '1 d 1 h',
    '?',
  ])
  expect([count(1, 'object'), count(2000, 'object'), count(2, 'entry', 'entries')]).toEqual(['1 object', '2,000 objects', '2 entries'])
})

test('a table sets numbers to the right and leaves no blanks at the ends', () => {
  const text = table(
    ['name', 'rows'],
    [
      ['a', 12345],
      ['größer', null],
    ],
  )
  expect(text).toBe('NAME      ROWS\na       12,345\ngrößer       -')
  expect(
    pairs([
      ['a', 1],
      ['long', null],
    ]),
  ).toBe('a     1\nlong  -')
})

test('with --json only the result is on standard output', () => {
  const [stdout, stderr] = [capture(), capture()]
  const output = makeOutput({ stdout, stderr }, true)
  output.say('said')
  output.note('noted')
  output.result({ a: 1 }, () => 'for people')
  expect(JSON.parse(stdout.text())).toEqual({ a: 1 })
  expect(stderr.text()).toBe('said\nnoted\n')
  expect(() => output.result({}, () => '')).toThrow('a command has one')
})

test('on a terminal texts keep to its width, JSON and pipes stay as they are', () => {
  const long = `source  s3://bucket/${'folder/'.repeat(12)}object`
  const shown = (json: boolean, isTTY: boolean) => {
    const [stdout, stderr] = [capture(isTTY ? { columns: 40 } : null), capture(isTTY ? { columns: 40 } : null)]
    const output = makeOutput({ stdout, stderr }, json)
    output.note(long)
    output.result({ long }, columns => `${columns}\n${long}`)
    return { result: stdout.text(), notes: stderr.text() }
  }
  const { result, notes } = shown(false, true)
  expect(result.split('\n')[0]).toBe('40')
  for (const line of `${result}${notes}`.split('\n')) expect(line.length).toBeLessThanOrEqual(40)
  expect(notes.replace(/\n */g, '')).toBe(long)
  expect(shown(false, false)).toEqual({ result: `Infinity\n${long}\n`, notes: `${long}\n` })
  expect(JSON.parse(shown(true, true).result)).toEqual({ long })
})

test('a list comes piece by piece: an array of lines, lines, or what people see', async () => {
  const shown = async (json: boolean, form: 'array' | 'lines', items: readonly number[]) => {
    const [stdout, stderr] = [capture(), capture()]
    const output = makeOutput({ stdout, stderr }, json)
    const list = output.list(form)
    for (const n of items)
      await list.item(
        () => JSON.stringify({ n }),
        () => `number ${n}`,
      )
    list.end()
    expect([output.begun, stderr.text()]).toEqual([true, ''])
    return stdout.text()
  }
  expect(await shown(true, 'array', [1, 2])).toBe('[\n{"n":1},\n{"n":2}\n]\n')
  expect(await shown(true, 'array', [])).toBe('[]\n')
  expect(await shown(true, 'lines', [1, 2])).toBe('{"n":1}\n{"n":2}\n')
  expect(await shown(false, 'array', [1, 2])).toBe('number 1\nnumber 2\n')
})

test('a list waits for a slow reader, and ends when the reader is gone', async () => {
  let take: () => void = () => undefined
  const stdout = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      take = () => done()
    },
  })
  const list = makeOutput({ stdout, stderr: capture() }, false).list('lines')
  const item = () =>
    list.item(
      () => '',
      () => 'a line',
    )
  let first: boolean | null = null
  const writing = item().then(more => (first = more))
  await new Promise(setImmediate)
  expect(first).toBeNull()
  take()
  await writing
  expect(first).toBe(true)
  const waiting = item()
  stdout.destroy()
  expect([await waiting, await item()]).toEqual([false, false])
})

test('no control character of a stranger reaches the terminal', () => {
  expect(printable('a\u001b[2J\u0085b\u202e\nc')).toBe('a·[2J·b·\nc')
  expect(inOneLine('one\ntwo\tthree', 9)).toBe('one·two·…')
})

test('without a terminal: a line every five seconds, and the last state at the end', () => {
  const stream = capture()
  let now = 0
  const view = progressView(stream, () => now)
  for (now = 1000; now <= 11_000; now += 1000) view.show({ part: now / 20_000, text: `second ${now / 1000}` })
  view.end()
  view.end()
  expect(stream.text()).toBe(' 25 %  second 5\n 50 %  second 10\n 55 %  second 11\n')
})

test('on a terminal: one line that is never wider than the terminal', () => {
  const stream = capture({ columns: 50 })
  let now = 0
  const view = progressView(stream, () => now)
  view.show({ part: 0.5, text: 'half' })
  now = 500
  view.show({ part: 1, text: 'all' })
  view.note('a line of its own')
  view.end()
  expect(stream.text()).toContain('50 %  half')
  expect(stream.text()).toContain('100 %  all')
  expect(stream.text()).toMatch(/\na line of its own\n$/)
  expect(barText({ part: 0.5, text: 'x'.repeat(100) }, 50)).toHaveLength(50)
  expect(barText({ part: null, text: 'unknown' }, 50)).toBe('unknown')
})
