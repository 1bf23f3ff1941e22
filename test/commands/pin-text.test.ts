import { pinText, withdrawnText } from '../../commands/pin-text.js'
import type { Pin } from '../../schemas/pin.js'

const pin = {
  dataset: 'attempts',
  version: 12,
  state: 'pinned',
  contentSha256: 'ab'.repeat(32),
  rows: 3,
  files: 1,
  bytes: 90,
  pinnedAt: '2025-06-01T00:00:00.000Z',
  note: null,
  withdrawn: null,
  citation: 'attempts, version 12.',
  list: { key: 'attempts/pins/0000000012.sha256' },
} as unknown as Pin

test('each command that checks a copy has a line of its own, within 80 columns', () => {
  const lines = pinText(pin).split('\n')
  expect(lines.at(-2)).toMatch(/tributary dataset download attempts 12 --to DIR$/)
  expect(lines.at(-1)).toMatch(/^ +cd DIR && sha256sum -c attempts\/pins\/0000000012\.sha256$/)
  expect(Math.max(...lines.slice(-2).map(({ length }) => length))).toBeLessThanOrEqual(80)
})

test('what is withdrawn is not to be cited', () => {
  expect(withdrawnText(pin)).not.toMatch(/cite|check|withdrawn/)
  expect(withdrawnText({ ...pin, withdrawn: { at: '2025-06-02T00:00:00.000Z', reason: 'erasure' } })).toMatch(
    /withdrawn +2025-06-02T00:00:00.000Z: erasure$/,
  )
})
