import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { slowest } from '../slowest.mjs'

let reports: string
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'slowest-'))
})
afterEach(() => rmSync(reports, { recursive: true }))

const report = (...durations: readonly number[]) =>
  JSON.stringify({
    testResults: [{ name: '/checkout/test/a.test.ts', assertionResults: durations.map((duration, n) => ({ title: `t${n}`, duration })) }],
  })
const wait = (what: string, seconds: number, allowed: number) =>
  `${JSON.stringify({ path: '/checkout/test/b.test.ts', what, seconds, allowed })}\n`

test('names the slowest tests and the waits nearest to their deadline, five each, worst first', () => {
  writeFileSync(join(reports, 'unit.json'), report(100, 7_000))
  writeFileSync(join(reports, 'chaos.json'), report(9_000, 1, 2, 3, 4))
  writeFileSync(join(reports, 'waits.jsonl'), wait('early', 1, 60) + wait('late', 10, 20))
  expect(slowest(reports, '/checkout')).toEqual([
    '',
    'slowest tests',
    '  9.0 s  test/a.test.ts › t0',
    '  7.0 s  test/a.test.ts › t1',
    '  0.1 s  test/a.test.ts › t0',
    '  0.0 s  test/a.test.ts › t4',
    '  0.0 s  test/a.test.ts › t3',
    '',
    'least slack before a deadline',
    '  50 % of 20 s  test/b.test.ts › late',
    '  2 % of 60 s  test/b.test.ts › early',
  ])
})

test('says nothing when nothing was measured, and survives a report that was cut short', () => {
  expect(slowest(reports, '/checkout')).toEqual([])
  writeFileSync(join(reports, 'unit.json'), '{"testRes')
  expect(slowest(reports, '/checkout')).toEqual([])
})
