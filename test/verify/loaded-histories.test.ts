import { LoadedHistories } from '../../verify/loaded-histories.js'

const asked = { bucket: 'b', prefix: null, sections: [], categories: [], since: null, until: null, again: false }
const run = (request: object, more: object = {}) =>
  ['run/r', JSON.stringify({ state: 'sealed', request: JSON.stringify({ ...asked, ...request }), topicId: 't', ...more })] as const
const object = (key: string, more: object = {}) => [`b/${key}`, JSON.stringify({ etag: 'e', topicId: 't', ...more })] as const
const attempts = object('section/1/attempt_evaluated/x.jsonl')
const elsewhere = object('section/2/video/x.jsonl')
const exported = object('export/all.jsonl', { sections: ['1'] })

/** True = nothing is wrong with a manifest that calls section 1 loaded by run r. */
function holds(action: string, records: readonly (readonly [string, string | null])[], runs = ['r']): boolean {
  const histories = new LoadedHistories('t')
  for (const [key, value] of records) histories.onRecord(key, value)
  const context = { action } as Parameters<LoadedHistories['problems']>[0]['context']
  const listed = runs.map(id => ({ id, started: '', sealed: '' }))
  const problems = histories.problems({ context, sections: [{ host: '', section: '1', history: 'loaded', runs: listed }] })
  return problems.length === 0
}

test.each([
  ['a section of which an object was read', 'video', [attempts, run({ sections: ['1'] })]],
  ['the category alone', 'attempt_evaluated', [attempts, run({ sections: ['1'], categories: ['attempt_evaluated'] })]],
  ['the folder alone', 'attempt_evaluated', [attempts, run({ prefix: 'section/1/attempt_evaluated/' })]],
  ['a prefix of it', 'learners', [attempts, run({ prefix: 'sec' })]],
  ['an export that names no section', 'learners', [exported, run({ prefix: 'export/' })]],
  ['what was taken out of the ledger again', 'video', [attempts, [attempts[0], null], run({ sections: ['1'] })]],
  ['a run that another one has sealed', 'video', [attempts, run({ sections: ['1'] }), run({ sections: ['1'] }, { state: 'ended' })]],
  ['a run of an older release', 'video', [attempts, run({ sections: ['1'] }, { topicId: undefined })]],
] as const)('a history that was loaded passes: %s', (_, action, records) => {
  expect(holds(action, records)).toBe(true)
})

test.each([
  ['nothing was read', 'video', [run({ sections: ['1'] })]],
  ['nothing of this section was read', 'video', [elsewhere, run({ prefix: '' })]],
  ['another category', 'video', [attempts, run({ sections: ['1'], categories: ['attempt_evaluated'] })]],
  ['one category of all', 'learners', [attempts, run({ sections: ['1'], categories: ['attempt_evaluated'] })]],
  ['one folder of all', 'learners', [attempts, run({ prefix: 'section/1/attempt_evaluated/' })]],
  ['a part of a folder', 'attempt_evaluated', [attempts, run({ prefix: 'section/1/attempt_evaluated/x' })]],
  ['a part of the time', 'attempt_evaluated', [attempts, run({ sections: ['1'], until: 1 })]],
  ['from a time on', 'attempt_evaluated', [attempts, run({ sections: ['1'], since: 1 })]],
  ['another section', 'attempt_evaluated', [attempts, run({ sections: ['2'] })]],
  ['another bucket', 'attempt_evaluated', [attempts, run({ bucket: 'c', sections: ['1'] })]],
  ['a run that did not come to its end', 'attempt_evaluated', [attempts, run({ sections: ['1'] }, { state: 'ended' })]],
  ['a run that went into a topic that is no more', 'attempt_evaluated', [attempts, run({ sections: ['1'] }, { topicId: 'old' })]],
  [
    'objects that went into a topic that is no more',
    'attempt_evaluated',
    [object('section/1/video/x', { topicId: 'old' }), run({ sections: ['1'] })],
  ],
] as const)('a history that was not loaded is found: %s', (_, action, records) => {
  expect(holds(action, records)).toBe(false)
})

test('a history that no run is named for is found', () => {
  expect(holds('attempt_evaluated', [attempts, run({ sections: ['1'] })], [])).toBe(false)
})
