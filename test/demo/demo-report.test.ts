import { brokenPromises, type DemoReport, type Seen } from '../../demo/demo-report.js'
import { demoText, nextText, verdictText } from '../../demo/demo-text.js'
import { noRunCounts } from '../../producers/object-counts.js'

const letter = { code: 'bad_value', reason: 'statement timestamp', source: 's3://b/section/1/video/x.jsonl#7', begins: '{"a":"\u001b[31m' }
const digest = { rows: 6, sha256: 'ab'.repeat(32), seconds: 1.5 }
const ledger = { records: 13, markers: 2, misplaced: 1, events: 8, duplicates: 1, deadLetters: 1 }
const seen: Seen = {
  expected: {
    lines: 9,
    blank: 1,
    events: { part_attempt: 3, video_played: 2, page_viewed: 1 },
    derived: 0,
    duplicates: 1,
    learners: 2,
    refused: { bad_value: 1 },
  },
  backfill: {
    id: 'run-1',
    objects: 2,
    skipped: 0,
    bytes: 900,
    lines: 9,
    blank: 1,
    published: 8,
    refused: {},
    seconds: 1.5,
    notTaken: [],
    empty: [],
    loads: { sections: ['145'], categories: {} },
    before: noRunCounts,
    outcome: null,
    sealed: true,
  },
  ledger,
  verdict: { ok: true, problems: [], ledger },
  deadLetter: letter,
  deadLetters: [letter],
  rowsByDataset: { attempts: 5, videos: 2, pages: 1, learners: 2 },
  kill: { role: 'route', killedPid: 11, newPid: 12, linesRead: 5, recordsRouted: 4, secondsAway: 5.04 },
  straight: digest,
  killed: digest,
  live: { straightly: { input: 'live', seconds: 2.5 }, uploaded: { input: 'uploaded', seconds: 3.5, place: 's3://u/section/145/x.jsonl' } },
  sample: {
    csv: '/d/a.csv',
    rows: ['a,b', '1,"x\ny"'],
    index: 'file:///d/index.html',
    liveIn: ['/d/a.csv', '/d/a.csv'],
    variables: '/d/variables.sh',
  },
}
const report: DemoReport = { ...seen, ok: true, problems: [], seconds: 40 }

test('what came out as it must breaks no promise', () => {
  expect(brokenPromises(seen)).toEqual([])
})

test.each<[string, Partial<Seen>, string]>([
  ['a lost line', { backfill: { ...seen.backfill, lines: 8 } }, 'lines read: 8, and should be 9'],
  ['an event twice', { ledger: { ...ledger, events: 9 } }, 'events: 9, and should be 8'],
  ['a dead letter too few', { ledger: { ...ledger, deadLetters: 0 } }, 'dead letters: 0, and should be 1'],
  ['a code taken for another', { deadLetters: [{ ...letter, code: 'invalid_json' }] }, 'dead letters bad_value: 0, and should be 1'],
  ['a source without its line', { deadLetters: [{ ...letter, source: '' }] }, 'dead letters without their S3 line: 1, and should be 0'],
  ['a row too few', { rowsByDataset: { attempts: 5, videos: 1, pages: 1 } }, 'rows of videos: 1, and should be 2'],
  [
    'other rows after the kill',
    { killed: { ...digest, sha256: 'cd' } },
    `SHA-256 of the sorted rows after the kill: cd, and should be ${digest.sha256}`,
  ],
  [
    'a slow live event',
    { live: { ...seen.live, straightly: { input: 'x', seconds: 10.5 } } },
    'the live event was in the manifest after 10.5 s, and 10 s are promised',
  ],
  [
    'a slow upload',
    { live: { ...seen.live, uploaded: { ...seen.live.uploaded, seconds: 11 } } },
    'the uploaded event was in the manifest after 11 s, and 10 s are promised',
  ],
  ['a live event in no file', { sample: { ...seen.sample, liveIn: ['/d/a.csv', null] } }, 'the row of a live event is in no file'],
  ['what the checker found', { verdict: { ok: false, problems: ['dataset x: y'], ledger } }, 'dataset x: y'],
])('%s is told', (_, change, problem) => {
  expect(brokenPromises({ ...seen, ...change })).toContain(problem)
})

test('the summary has the numbers, and no control character of a stranger', () => {
  const text = demoText(report, '/d')
  expect(text).toContain('lines 9 = blank 1 + published 8 + refused 0')
  expect(text).toContain('records 13 = markers 2 + misplaced 1 + events 8 + duplicates 1 + dead letters 1')
  expect(text).toContain('s3://b/section/1/video/x.jsonl#7')
  expect(text).toContain('equal')
  expect(text).toMatch(/follow found it +after 3\.5 s\n +s3:\/\/u\/section\/145\/x\.jsonl/)
  expect(text).toContain('The first rows of a.csv')
  expect(text).not.toContain('\u001b')
  expect(verdictText(report)).toBe('All promises kept, in 40.0 s.')
})

test('a broken promise is said in plain words', () => {
  const broken = { ...report, ok: false, problems: ['rows of videos: 1, and should be 2'], killed: { ...digest, sha256: 'cd' } }
  expect(verdictText(broken)).toBe('1 promise NOT kept:\n  - rows of videos: 1, and should be 2')
  expect(demoText(broken, '/')).toContain('DIFFERENT')
})

test('where the servers stop, the next commands begin with starting them', () => {
  expect(nextText(seen.sample, true, '/d')).not.toContain('up --detach')
  expect(nextText(seen.sample, false, '/elsewhere')).toMatch(/up --detach\n {2}\. \/d\/variables.sh/)
})
