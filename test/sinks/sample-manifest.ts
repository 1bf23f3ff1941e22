import { type DatasetSpec, parseDatasetSpec } from '../../schemas/dataset-spec.js'
import { sectionHistory } from '../../sinks/history.js'
import type { ListedFile, ManifestInput } from '../../sinks/manifest.js'
import { pieceKey } from '../../sinks/naming.js'
import { fields } from './fields.js'

export function sampleSpec(more: object = {}): DatasetSpec {
  const given = {
    id: 'algebra-2024',
    kind: 'attempt_evaluated',
    section_ids: [2400, '2401', 'https://lms.example.org/course/9'],
    page_ids: [1001],
    ignored_student_ids: [13],
    enforce_project_id: 7,
    exclude_fields: ['response'],
  }
  const parsed = parseDatasetSpec({ ...given, ...more }, { fields })
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return parsed.spec
}

export function sampleFile(partition: number, firstOffset: number, more: Partial<ListedFile> = {}): ListedFile {
  const sha256 = `${partition}${firstOffset}`.padEnd(64, 'ab')
  const place = { topic: 'events.attempt', partition, firstOffset, lastOffset: firstOffset + 99 } as const
  const key = pieceKey({ dataset: 'algebra-2024', generation: 1, revision: 42, sha256, extension: 'csv', ...place })
  const times = { firstTime: '2024-09-02T18:24:00Z', lastTime: '2024-09-30T09:00:00.5Z' }
  return { ...place, key, sha256, rows: 100, bytes: 12_345, rules: 1, ...times, ...more }
}

export function sampleInput(more: Partial<ManifestInput> = {}): ManifestInput {
  const all = ['2400', '2401', 'https://lms.example.org/course/9']
  const runs = [
    { id: 'run-1', loads: { sections: ['2400'], categories: {} }, started: '2026-11-01T08:00:00Z', sealed: '2026-11-01T08:10:00Z' },
    { id: 'run-2', loads: { sections: all, categories: {} }, started: '2026-11-02T08:00:00Z', sealed: '2026-11-02T09:00:00Z' },
  ]
  return {
    spec: sampleSpec(),
    version: 7,
    revision: 42,
    ordinal: 3,
    generation: 1,
    fields: [
      { name: 'user_id', type: 'text', about: 'the learner' },
      { name: 'score', type: 'number', about: 'points given' },
    ],
    files: [sampleFile(10, 0), sampleFile(2, 1_000), sampleFile(2, 200)],
    positions: [
      {
        partition: 10,
        next: { 'route-ledger': 3, 'events.attempt': 100 },
        xapi: 250,
        received: '2026-11-22T04:31:00Z',
        through: '2026-11-22T04:35:00Z',
      },
      { partition: 2, next: { 'events.attempt': 1_100 }, xapi: 1_400, received: '2026-11-22T04:36:00Z', through: '2026-11-22T04:36:00Z' },
    ],
    folded: new Map([
      [10, 12],
      [2, 34],
    ]),
    log: { xapi: 'topic-1', files: 'topic-2' },
    stopped: [],
    alsoFolded: new Map([
      ['sources/2', 7],
      ['route-ledger/2', 9],
      ['route-ledger/10', 8],
    ]),
    droppedInAll: null,
    dropped: [{ host: 'torus.example.edu', section: '2400', duplicates: 12, refused: { missing_key: 1, bad_value: 2 } }],
    sections: [
      sectionHistory('torus.example.edu', '2401', null, runs),
      sectionHistory('torus.example.edu', '2400', null, runs),
      sectionHistory('lms.example.org', 'https://lms.example.org/course/9', null, runs),
    ],
    producedBy: {
      version: '0.1.0',
      commit: '4a4bfe4',
      rules: 1,
      specSha256: 'c0ffee'.padEnd(64, '0'),
      lookupSha256: null,
      pseudonymKey: '0123456789abcdef',
      appliedAt: '2026-11-01T07:59:00Z',
    },
    updatedAt: '2026-11-22T04:35:01Z',
    nonce: 'writer-1',
    baseUrl: 'https://s3.example.org/datasets',
    ...more,
  }
}
