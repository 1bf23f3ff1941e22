import { memberOf, noTexts, type TextSet, takeMembers, withMember } from '../../../processors/fold/text-set.js'
import { seeded } from '../../schemas/random.js'
import { TextMemory } from '../drive.js'

test('10,000 members: each is new once, no node is large, and all are given back', () => {
  const memory = new TextMemory()
  let root: TextSet = noTexts
  const members = seeded(1).shuffle(Array.from({ length: 10_000 }, (_, i) => memberOf(`page-${i}`)))
  for (const member of members) {
    const more = withMember(memory, 'l', 'key|', root, member)
    expect(more).not.toBeNull()
    root = more!
  }
  for (const member of members) expect(withMember(memory, 'l', 'key|', root, member)).toBeNull()
  expect(memory.longest).toBeLessThan(2100)
  expect(memory.values.size).toBeGreaterThan(100)
  expect(takeMembers(memory, 'l', 'key|', root).sort()).toEqual(members.sort())
  expect(memory.values.size).toBe(0)
})

test('a small set is one short text', () => {
  const memory = new TextMemory()
  const root = ['26', '27', '26'].reduce<TextSet>((set, member) => withMember(memory, 'l', '', set, member) ?? set, noTexts)
  expect([root, memory.values.size, takeMembers(memory, 'l', '', root), takeMembers(memory, 'l', '', noTexts)]).toEqual([
    ' 26 27 ',
    0,
    ['26', '27'],
    [],
  ])
})

test('texts that a list cannot hold stand by their hash, and none is taken for another', () => {
  const odd = ['', ' ', 'a b', '#', '#a', 'x'.repeat(65), 'x'.repeat(1e6), memberOf('a b')]
  const members = odd.map(memberOf)
  for (const member of members) expect(member).toMatch(/^#[^ ]{44}$/)
  expect(new Set(members).size).toBe(odd.length)
  expect(['26', 'ü', 'x'.repeat(64)].map(memberOf)).toEqual(['26', 'ü', 'x'.repeat(64)])
})
