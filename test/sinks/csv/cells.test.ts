import { instantText } from '../../../schemas/dataset-spec.js'
import { instantPrinter } from '../../../sinks/csv/instant.js'
import { numberText, pythonFloat } from '../../../sinks/csv/number-text.js'
import { quote } from '../../../sinks/csv/quote.js'
import { random } from '../random.js'

it.each([
  ['', ''],
  ['plain text; é', 'plain text; é'],
  ['a,b', '"a,b"'],
  ['"', '""""'],
  ['a\nb', '"a\nb"'],
  ['a\rb', '"a\rb"'],
  [' kept ', ' kept '],
])('quotes %j as %j', (text, quoted) => {
  expect(quote(text)).toBe(quoted)
})

it.each([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [-3, '-3'],
  [0.5, '0.5'],
  [9_999_999_999_999_998, '9999999999999998'],
  [1e16, '1e+16'],
  [-1.5e-5, '-1.5e-05'],
  [1e-7, '1e-07'],
  [0.0001, '0.0001'],
  [1e100, '1e+100'],
])('prints the number %p as %s', (value, text) => {
  expect(numberText(value)).toBe(text)
})

it('floats come back from their text', () => {
  const next = random(7)
  const view = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < 20_000; i++) {
    view.setUint32(0, next() * 2 ** 32)
    view.setUint32(4, next() * 2 ** 32)
    const value = view.getFloat64(0)
    if (Number.isFinite(value)) expect(Number(pythonFloat(value))).toBe(value)
  }
})

it.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_725_301_440_000_000, '2024-09-02T18:24:00Z'],
  [1_725_301_443_123_456, '2024-09-02T18:24:03.123456Z'],
  [1_725_301_443_000_001, '2024-09-02T18:24:03.000001Z'],
  [-1, '1969-12-31T23:59:59.999999Z'],
])('prints the instant %p as %s', (micros, text) => {
  expect(instantPrinter()(micros)).toBe(text)
  expect(instantText(micros)).toBe(text)
})

it('a column of the dialect plain has times of one width', () => {
  const print = instantPrinter('six')
  expect([0, 1_725_301_443_123_456, -1].map(print)).toEqual([
    '1970-01-01T00:00:00.000000Z',
    '2024-09-02T18:24:03.123456Z',
    '1969-12-31T23:59:59.999999Z',
  ])
})

it('the quick printer agrees with the plain one, day after day', () => {
  const next = random(11)
  const print = instantPrinter()
  for (let i = 0; i < 5_000; i++) {
    const micros = Math.floor((next() - 0.2) * 4e15)
    for (const at of [micros, micros + 1e6, micros - (micros % 1e6)]) expect(print(at)).toBe(instantText(at))
  }
})
