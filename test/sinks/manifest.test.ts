import type { LoadedHistory } from '../../schemas/loaded-history.js'
import { parseManifest } from '../../schemas/manifest.js'
import { type HistoryRun, sectionHistory } from '../../sinks/history.js'
import { buildManifest, manifestText, sameContent } from '../../sinks/manifest.js'
import { expectGolden } from './golden.js'
import { sampleFile, sampleInput, sampleSpec } from './sample-manifest.js'

it('is byte for byte this text, whatever the order of what it is made from', () => {
  const input = sampleInput()
  const text = manifestText(buildManifest(input))
  expectGolden('manifest/manifest.json', text)
  const shuffled = {
    ...input,
    files: [...input.files].reverse(),
    positions: [...input.positions].reverse(),
    sections: [...input.sections].reverse(),
    folded: new Map([...input.folded].reverse()),
    alsoFolded: new Map([...input.alsoFolded].reverse()),
  }
  expect(manifestText(buildManifest(shuffled))).toBe(text)
})

it('comes back from its text', () => {
  const manifest = buildManifest(sampleInput())
  expect(parseManifest(manifestText(manifest))).toEqual({ ok: true, manifest })
  const empty = buildManifest(sampleInput({ files: [], sections: [], dropped: [], positions: [] }))
  expect(parseManifest(manifestText(empty))).toEqual({ ok: true, manifest: empty })
})

it('can be read by an older release', () => {
  const newer = { ...buildManifest(sampleInput()), later: 1 }
  const parsed = parseManifest(JSON.stringify(newer))
  expect(parsed.ok && parsed.manifest).toEqual(newer)
})

it('reads what an older release wrote, which did not say what else was folded', () => {
  const { alsoFolded, ...older } = buildManifest(sampleInput())
  const parsed = parseManifest(JSON.stringify(older))
  expect(alsoFolded).not.toEqual({})
  expect(parsed.ok && parsed.manifest).toEqual({ ...older, alsoFolded: {} })
})

it.each([
  ['', 'this version was cleared'],
  ['{"context', 'not JSON'],
  ['{}', 'context: '],
  ['[]', 'expected object'],
])('does not take %j for a manifest', (text, problem) => {
  const parsed = parseManifest(text)
  expect(parsed.ok ? '' : parsed.problem).toContain(problem)
})

it('tells readers of the old manifest what they knew', () => {
  const { context, chunks, files } = buildManifest(sampleInput())
  expect(context).toMatchObject({ job_id: 'algebra-2024', action: 'attempt_evaluated', page_ids: [1001], project_id: 7, anonymize: true })
  expect(context.section_ids).toEqual([2400, 2401, 'https://lms.example.org/course/9'])
  expect(chunks).toEqual(files.map(file => file.url))
  expect(chunks).toHaveLength(3)
})

it('tells nobody who was ignored', () => {
  const text = manifestText(buildManifest(sampleInput({ spec: sampleSpec({ ignored_student_ids: ['secret-learner'] }) })))
  expect(text).not.toContain('secret-learner')
  expect(text).not.toContain('ignored_student_ids')
  expect(text).toContain('"ignored_students":1')
})

it('orders files by place, partitions as numbers', () => {
  const { files, positions } = buildManifest(sampleInput())
  expect(files.map(file => [file.partition, file.firstOffset])).toEqual([
    [2, 200],
    [2, 1_000],
    [10, 0],
  ])
  expect(positions.map(position => position.partition)).toEqual([2, 10])
})

it('is complete through a time only when every selected history is loaded', () => {
  expect(buildManifest(sampleInput()).completeThrough).toBe('2026-11-22T04:35:00Z')
  const sections = [...sampleInput().sections, sectionHistory('torus.example.edu', '2402', null, [])]
  expect(buildManifest(sampleInput({ sections })).completeThrough).toBeNull()
})

it('is complete through the earliest time of all partitions, and through none while one is not known', () => {
  const positions = (...through: (string | null)[]) =>
    through.map((time, partition) => ({ partition, next: {}, xapi: 1, received: null, through: time }))
  const through = (...times: (string | null)[]) => buildManifest(sampleInput({ positions: positions(...times) })).completeThrough
  expect(through('2026-11-22T04:35:00.500Z', '2026-11-22T04:35:00.499Z')).toBe('2026-11-22T04:35:00.499Z')
  expect(through('2026-11-22T04:35:00.500Z', null)).toBeNull()
  expect(through()).toBeNull()
})

it('knows new rows from mere progress', () => {
  const manifest = buildManifest(sampleInput())
  const progress = {
    version: 8,
    updatedAt: '2026-11-22T05:00:00Z',
    positions: [{ partition: 2, next: {}, xapi: 1_500, received: null, through: '2026-11-22T04:59:00Z' }],
    nonce: 'writer-2',
    folded: new Map([[2, 35]]),
  }
  expect(sameContent(manifest, buildManifest(sampleInput(progress)))).toBe(true)
  expect(sameContent(manifest, buildManifest(sampleInput({ files: [sampleFile(10, 0)] })))).toBe(false)
  expect(sameContent(manifest, buildManifest(sampleInput({ revision: 43 })))).toBe(false)
  expect(sameContent(manifest, buildManifest(sampleInput({ fields: [{ name: 'user_id', type: 'text', about: '' }] })))).toBe(false)
})

describe('the history of a section', () => {
  const run = (id: string, loads: Partial<LoadedHistory>, sealed: boolean) => ({
    id,
    loads: { sections: [], categories: {}, ...loads },
    started: `2026-11-0${id}T00:00:00Z`,
    sealed: sealed ? `2026-11-0${id}T01:00:00Z` : null,
  })
  const whole = run('1', { sections: ['1'] }, true)
  const running = run('2', { sections: ['1'] }, false)
  const videos = run('3', { categories: { video: ['1'] } }, true)
  const attempts = run('4', { categories: { attempt_evaluated: ['1', '2'] } }, true)
  const attemptsRunning = run('5', { categories: { attempt_evaluated: ['1'] } }, false)
  it.each<[history: string, needed: readonly string[] | null, runs: readonly HistoryRun[]]>([
    ['none', null, []],
    ['none', null, [run('2', { sections: ['2'] }, true)]],
    ['running', null, [running]],
    ['loaded', null, [whole]],
    ['loaded', null, [running, whole]],
    ['loaded', ['video'], [whole]],
    ['loaded', ['video'], [videos]],
    ['none', ['video'], [attempts]],
    // Nobody knows which other folders the section has.
    ['none', null, [videos, attempts]],
    ['none', ['video', 'attempt_evaluated'], [videos]],
    ['running', ['video', 'attempt_evaluated'], [videos, attemptsRunning]],
    ['loaded', ['video', 'attempt_evaluated'], [videos, attempts, attemptsRunning]],
    ['none', ['constructor'], [videos]],
  ])('is %s of %j', (history, needed, runs) => {
    expect(sectionHistory('h', '1', needed, runs).history).toBe(history)
  })

  it('lists its runs in time, without what else they loaded', () => {
    expect(sectionHistory('h', '1', ['video'], [videos, running, whole, attempts]).runs).toEqual([
      { id: '1', started: '2026-11-01T00:00:00Z', sealed: '2026-11-01T01:00:00Z' },
      { id: '2', started: '2026-11-02T00:00:00Z', sealed: null },
      { id: '3', started: '2026-11-03T00:00:00Z', sealed: '2026-11-03T01:00:00Z' },
    ])
  })

  it('lists the runs that loaded it and the last ones, and counts all others', () => {
    const nightly = Array.from({ length: 365 }, (_, day) => ({
      ...run(String(day), { sections: ['1'], categories: day === 0 ? { video: ['1'] } : {} }, day % 7 > 0),
      started: new Date(Date.UTC(2025, 0, 1 + day)).toISOString(),
    }))
    const { runs, otherRuns, history } = sectionHistory('h', '1', ['video', 'attempt_evaluated'], nightly)
    expect([history, runs.map(({ id }) => id), otherRuns]).toEqual(['loaded', ['1', '363', '364'], 362])
  })
})
