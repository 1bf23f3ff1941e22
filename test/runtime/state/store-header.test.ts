import { decodeHeader, encodeHeader, type StoreHeader } from '../../../runtime/state/store-header.js'

const header: StoreHeader = {
  store: 'tributary-route-g1-3',
  layout: 1,
  cluster: 'c',
  topics: { 'route-seen.g1': 't1', xapi: 't2' },
  position: { 'events.attempt.g1': 12 },
  changelog: 2 ** 40,
  producerId: 7,
  epoch: 3,
  mergedAt: 1_700_000_000_000,
}

test('what was written is read', () => {
  expect(decodeHeader(encodeHeader(header))).toEqual(header)
})

test('a header that is cut off, has a changed byte, or another format is told apart', () => {
  const bytes = encodeHeader(header)
  for (let length = 0; length < bytes.length; length++) expect(typeof decodeHeader(bytes.subarray(0, length))).toBe('string')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    expect(decodeHeader(changed)).toBe('the checksum of its header does not fit')
  }
  const newer = encodeHeader({ ...header, format: 2 } as unknown as StoreHeader)
  expect(decodeHeader(newer)).toBe('its header has format 2, not 1')
})
