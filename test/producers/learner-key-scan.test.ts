import { readFileSync } from 'node:fs'
import { parsedLearnerKey, scanLearnerKey } from '../../producers/learner-key-scan.js'
import { statementKey } from '../../schemas/statement-identity.js'
import { type Random, randomString, seeded, spelled } from '../schemas/random.js'

const statements: Record<string, string> = JSON.parse(readFileSync(new URL('../golden/route/statements.json', import.meta.url), 'utf8'))
const expected: Record<string, { key: string }> = JSON.parse(readFileSync(new URL('../golden/route/ids.json', import.meta.url), 'utf8'))
const scan = (text: string) => scanLearnerKey(Buffer.from(text))

test.each(Object.keys(statements))('%s: the key route will compute', name => {
  expect(scan(statements[name]!)).toBe(expected[name]!.key)
  expect(scan(JSON.stringify(JSON.parse(statements[name]!), null, 1))).toBe(expected[name]!.key)
  expect(parsedLearnerKey(Buffer.from(statements[name]!))).toBe(expected[name]!.key)
})

const section = '"http://oli.cmu.edu/extensions/section_id"'
const actor = '"actor":{"account":{"homePage":"h","name":7}}'
const torus = (value: string) => `{${actor},"context":{"extensions":{${section}:${value}}}}`

test.each([
  ['an escape in the name', '{"actor":{"account":{"homePage":"h","name":"\\u0061"}}}', null],
  ['another script', '{"actor":{"account":{"homePage":"h","name":"é"}}}', null],
  ['a fraction', torus('1.0'), null],
  ['minus nought', torus('-0'), null],
  ['more than a double holds', torus('9007199254740993'), null],
  ['null', torus('null'), null],
  ['a section elsewhere', `{${actor},"result":{"extensions":{${section}:5}}}`, '|h|7'],
  [
    'a section in an answer',
    `{${actor},"result":{"response":"{${section.replaceAll('"', '\\"')}:5}"},"context":{"extensions":{${section}:6}}}`,
    '6|h|7',
  ],
  ['a repeated section', `{${actor},"context":{"extensions":{${section}:5,${section}:6}}}`, '6|h|7'],
  ['a context that comes again without', `{${actor},"context":{"extensions":{${section}:5}},"context":{}}`, '|h|7'],
  ['an actor that comes again', `{${actor},${actor.replace('7', '8')}}`, '|h|8'],
  ['a key in another spelling', `{${actor},"c\\u006fntext":{"extensions":{${section.replaceAll('/', '\\/')}:5}}}`, '5|h|7'],
  ['no account', '{"actor":{"account":null,"openid":"o","mbox":"m"}}', '||m'],
  ['no actor', '{}', null],
  ['no JSON', 'x', null],
  ['no end', '{"actor":{"account":{"homePage":"h","name":"7', null],
])('%s', (_, text, key) => {
  expect(scan(text)).toBe(key)
})

test('without a key by parsing either', () => {
  expect(parsedLearnerKey(Buffer.from('{}'))).toBeNull()
  expect(parsedLearnerKey(Buffer.from('x'))).toBeNull()
  expect(parsedLearnerKey(Buffer.from([0x22, 0xff, 0x22]))).toBeNull()
})

/** A statement in a random spelling, with repeated, missing and wrong parts. */
function statement(random: Random): string {
  const object = (members: readonly (readonly [string, string])[]) => {
    const space = () => random.pick(['', '', ' ', '\n'])
    const chosen = random
      .shuffle(members)
      .flatMap(member => (random.below(12) === 0 ? [] : random.below(12) === 0 ? [member, random.pick(members)] : [member]))
    return `{${chosen.map(([key, value]) => `${space()}${random.below(8) === 0 ? spelled(random, key) : JSON.stringify(key)}${space()}:${space()}${value}`).join(',')}}`
  }
  const text = () => spelled(random, random.pick(['', 'a', 'h/', 'HTTPS://H.x/', 'a|b%', randomString(random)]))
  const value = (usual: string) =>
    random.pick([usual, usual, usual, usual, text(), 'null', '1.0', '-7', '01'.slice(1), '9007199254740993', '{}', '[1]', 'true'])
  const account = () =>
    object([
      ['homePage', value('"h"')],
      ['name', value('42')],
    ])
  const actor = () =>
    object([
      ['account', random.pick([account(), account(), 'null', '5'])],
      ['mbox', value('"m"')],
      ['openid', value('"o"')],
      ['mbox_sha1sum', value('"s"')],
    ])
  const course = () =>
    object([
      ['id', value('"c"')],
      [
        'definition',
        object([
          [
            'type',
            random.pick(['"http://adlnet.gov/expapi/activities/course"', '"http:\\/\\/adlnet.gov/expapi/activities/course"', '"x"']),
          ],
        ]),
      ],
    ])
  const extensions = () =>
    object([
      ['http://oli.cmu.edu/extensions/section_id', value('59')],
      ['http://oli.cmu.edu/extensions/session_id', text()],
    ])
  const activities = () => object([['parent', random.pick([course(), `[${course()}, ${course()}]`, '[]', 'null'])]])
  const context = () =>
    object([
      ['extensions', random.below(2) === 0 ? extensions() : '{}'],
      ['contextActivities', activities()],
    ])
  return object([
    ['actor', actor()],
    ['context', context()],
    [
      'result',
      object([
        ['response', spelled(random, `{${section}:1}`)],
        ['actor', actor()],
      ]),
    ],
    ['actor2', text()],
  ])
}

test('never another key than parsing gives', () => {
  let sure = 0
  for (let seed = 0; seed < 20_000; seed++) {
    const text = statement(seeded(seed))
    const key = scan(text)
    if (key === null) continue
    sure++
    if (key !== statementKey(JSON.parse(text))) throw new Error(`seed ${seed}: ${key} for ${text}`)
  }
  expect(sure).toBeGreaterThan(2000)
})
