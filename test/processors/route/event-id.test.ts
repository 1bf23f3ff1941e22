import { accepted, changed, context, oli, statements, video } from './statements.js'

const idOf = (text: string, assignedId?: string) => accepted(text, assignedId).event.id

test('other spellings of the same fact have the same id', () => {
  for (const [name, text] of Object.entries(statements)) {
    const id = idOf(text)
    expect(
      idOf(JSON.stringify(JSON.parse(text), null, 2).replace('9007199254740992', '9007199254740993').replace('"one": 1', '"one": 1.0')),
    ).toBe(id)
    const { actor, ...rest } = JSON.parse(text)
    if (name !== 'part_attempt') expect(idOf(JSON.stringify({ ...rest, actor }))).toBe(id)
  }
  const part = statements.part_attempt!
  expect(idOf(part.replace('"max":1.0', '"max":1'))).toBe(idOf(part))
  expect(idOf(part.replace('"name":7', '"name":"7"'))).toBe(idOf(part))
  expect(idOf(part.replace('"proton.oli.test"', '"https://Proton.oli.test/"'))).toBe(idOf(part))
  expect(idOf(part.replace('06Z', '06.000000+00:00'))).toBe(idOf(part))
  expect(idOf(part.replace('"input":"a b"', '"in\\u0070ut":"a\\u0020b"'))).toBe(idOf(part))
  expect(idOf(part.replace('"input":"a b"', '"input" : "a b"'))).toBe(idOf(part))
})

test('JSON numbers and the order of keys in an answer are as written', () => {
  const part = statements.part_attempt!
  expect(idOf(part.replace('"one":1.0', '"one":1'))).not.toBe(idOf(part))
  expect(idOf(part.replace('"files":[],"input":"a b"', '"input":"a b","files":[]'))).not.toBe(idOf(part))
})

const page = ['project_id', 'publication_id', 'page_id', 'page_attempt_guid', 'page_attempt_number'].map(context)
const activity = ['activity_id', 'activity_revision_id', 'activity_attempt_guid', 'activity_attempt_number'].map(context)
const score = [
  ['result', 'score', 'raw'],
  ['result', 'score', 'max'],
]
const part = ['part_id', 'part_attempt_guid', 'part_attempt_number', 'session_id'].map(context)
const videoValues = (keys: readonly string[]) => keys.map(key => ['result', 'extensions', `${video}${key}`])
const everyone = [context('section_id'), ['actor', 'account', 'name'], ['actor', 'account', 'homePage'], ['object', 'id']]
const withValue = (name: string, path: readonly string[]) => changed(name, path, /number|score|raw|max/.test(path.at(-1)!) ? 77 : '77')

test.each([
  ['part_attempt', [...page, ...activity, ...part, ...score, ['result', 'response'], ['result', 'extensions', `${oli}feedback`]]],
  ['activity_attempt', [...page, ...activity, ...score]],
  ['page_attempt', [...page, ...score]],
  ['page_viewed', page],
  ['tutor_message', [context('project_id'), context('page_id'), ['result', 'message']]],
  [
    'video_played',
    [
      ...page.filter(path => !path[2]!.endsWith('/page_id')),
      context('resource_id'),
      context('content_element_id'),
      ['object', 'definition', 'name', 'en-US'],
      ...videoValues(['time', 'length', 'played-segments']),
    ],
  ],
  ['video_seeked', videoValues(['time-from', 'time-to', 'length'])],
  ['video_paused', videoValues(['time', 'progress', 'played-segments'])],
  ['other_torus', [['result', 'anything']]],
  ['xapi_video_without_id', [['context', 'extensions', `${video}session-id`]]],
])('%s: whatever a format prints makes another id', (name, paths) => {
  const ids = new Set([idOf(statements[name]!)])
  for (const path of name.startsWith('xapi') ? paths : [...everyone, ...paths]) ids.add(idOf(withValue(name, path)))
  ids.add(idOf(changed(name, ['timestamp'], '2025-02-03T04:05:06.000001Z')))
  expect(ids.size).toBe(2 + paths.length + (name.startsWith('xapi') ? 0 : everyone.length))
})

test.each([
  ['part_attempt', []],
  ['activity_attempt', []],
  ['page_attempt', []],
  ['page_viewed', [['object', 'definition', 'subType']]],
  ['tutor_message', [...activity, context('publication_id'), context('page_attempt_guid'), context('page_attempt_number')]],
  ['video_played', videoValues(['progress', 'time-from'])],
  ['video_seeked', videoValues(['progress', 'time'])],
  ['video_completed', videoValues(['time-to'])],
])('%s: what no format prints makes none: sent again with it, the statement is a repeat', (name, paths) => {
  const asBefore = idOf(changed(name, ['anything'], 1))
  for (const path of [context('enrollment_id'), ...paths]) expect(idOf(withValue(name, path))).toBe(asBefore)
})

test('text and number are two things where a format prints both, null is no empty text', () => {
  const length = ['context', 'extensions', `${video}length`]
  const ids = [60.5, '60.5', '', null].map(value => idOf(changed('video_played', length, value)))
  expect(new Set(ids).size).toBe(4)
})

test("the statement's own id belongs to profile xapi and to kind other", () => {
  const other = (name: string) => idOf(statements[name]!.replace(/^\{("id":"[^"]*",)?/, '{"id":"another",'))
  for (const name of ['xapi_video', 'xapi_other', 'xapi_other_mbox', 'other_torus']) expect(other(name)).not.toBe(idOf(statements[name]!))
  for (const name of ['part_attempt', 'page_viewed', 'video_played']) expect(other(name)).toBe(idOf(statements[name]!))
})

test('an assigned id stands in for an absent one', () => {
  const { id } = JSON.parse(statements.xapi_video!)
  expect(idOf(statements.xapi_video_without_id!, id)).toBe(idOf(statements.xapi_video!))
  expect(idOf(statements.xapi_video!, 'assigned')).toBe(idOf(statements.xapi_video!))
  expect(idOf(statements.part_attempt!, 'assigned')).toBe(idOf(statements.part_attempt!))
})

test('the same attribution comes out once', () => {
  const twice = [
    { role: 'reward', value: 1 },
    { value: 1, role: 'reward' },
    { role: 'reward', value: 2 },
  ]
  expect(accepted(changed('page_attempt', context('experiment_attributions'), twice)).derived).toHaveLength(2)
  expect(accepted(changed('page_attempt', context('experiment_attributions'), [])).derived).toHaveLength(0)
  expect(accepted(changed('page_attempt', context('experiment_attributions'), null)).derived).toHaveLength(0)
  expect(accepted(changed('page_attempt', context('experiment_attributions'), { role: 'x' })).derived.map(each => each.json)).toEqual([
    '{"role":"x"}',
  ])
})
