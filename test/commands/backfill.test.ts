import { sumText } from '../../commands/backfill-text.js'
import { backfillView, makeMeter, progressText } from '../../commands/backfill-view.js'
import { noRunCounts } from '../../producers/object-counts.js'
import type { BackfillProgress, BackfillSum } from '../../runtime/backfill/request.js'
import { capture } from './capture.js'

const progress = (part: Partial<BackfillProgress> = {}): BackfillProgress => ({
  phase: 'reading',
  objects: 1,
  totalObjects: 4,
  bytes: 1_000_000,
  totalBytes: 4_000_000,
  lines: 700,
  ...part,
})

const sum: BackfillSum = {
  id: 'r1',
  objects: 4,
  skipped: 2,
  bytes: 4_000_000,
  lines: 22_012,
  blank: 2,
  published: 22_000,
  refused: { invalid_utf8: 3, too_large: 7 },
  seconds: 11,
  notTaken: [],
  empty: [],
  loads: { sections: ['145'], categories: {} },
  before: noRunCounts,
  outcome: null,
  sealed: true,
}

test('the last line is the sum, and it adds up', () => {
  const lines = sumText(sum).split('\n')
  expect(lines.at(-1)).toBe('lines 22012 = blank 2 + published 22000 + refused 10')
  expect(lines.at(0)).toBe('run r1: 4 objects, 4.0 MB in 11 s, 2,001 lines/s; 2 done before')
  expect(lines).toContain('too_large                   7')
})

test('of a run that goes on, what it had read before is said beside its sum', () => {
  const lines = sumText({ ...sum, before: { ...noRunCounts, objects: 2, lines: 1418 } }).split('\n')
  expect(lines.at(1)).toBe('before it was stopped, it had read 2 objects, 1,418 lines')
  expect(lines.at(-1)).toBe('lines 22012 = blank 2 + published 22000 + refused 10')
})

test('rate and ETA follow the last ten seconds', () => {
  const meter = makeMeter(progress({ bytes: 0, lines: 0 }), 0)
  for (let second = 1; second <= 30; second++) meter(progress({ bytes: second * 1000, lines: second * 10 }), second * 1000)
  const pace = meter(progress({ bytes: 31_000, lines: 310, totalBytes: 41_000 }), 31_000)
  expect(pace).toEqual({ linesPerSecond: 10, etaSeconds: 10 })
  expect(makeMeter(progress(), 5)(progress(), 5)).toEqual({ linesPerSecond: 0, etaSeconds: null })
})

test('the line says objects, lines, bytes, rate and ETA', () => {
  const text = progressText(progress(), { linesPerSecond: 9000, etaSeconds: 65 })
  expect(text).toBe('1/4 objects  700 lines  1.0 MB/4.0 MB  9,000/s  ETA 1 min 5 s')
  expect(progressText(progress({ phase: 'waiting' }), { linesPerSecond: 0, etaSeconds: null })).toMatch(/^waiting for the datasets {2}1\/4/)
})

test('what is not there at all is said before anything is read', () => {
  const stream = capture()
  const empty = [{ prefix: 'section/240/', folder: 'section/', names: ['2400/'] }]
  backfillView(stream, () => 0).events.planned({ objects: 1, bytes: 9, skipped: 0, sections: [], notTaken: [], empty, resumes: null })
  expect(stream.text()).toContain('nothing lies below section/240/: section/ has 2400/')
})

test('a run of no bytes at all is shown too', () => {
  const stream = capture()
  const view = backfillView(stream, () => 0)
  view.events.planned({ objects: 0, bytes: 0, skipped: 3, sections: [], notTaken: [], empty: [], resumes: null })
  view.events.progress(progress({ objects: 0, totalObjects: 0, bytes: 0, totalBytes: 0, lines: 0 }))
  view.end()
  expect(stream.text()).toMatch(/^0 objects, 0 B; 3 done before\n100 % {2}0\/0 objects/)
})
