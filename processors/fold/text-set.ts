import { hash } from 'node:crypto'
import type { Memory } from '../aggregate.js'

/** Texts longer than this stand in a set by their hash, and so do those that a list could not hold as they are. */
const longest = 64
/** Characters of one node. */
const full = 2048

/**
 * A set of texts of which no part is ever large: all in one text, ` 26 27 31 `, or, when that is full, the digits under which 16 nodes of
 * the next level are. Whoever uses it keeps the root in a value of its own; the rest lies under `key` and digits.
 */
export type TextSet = string | readonly [digits: string]

export const noTexts: TextSet = ' '

/** How a text stands in a set, or in a key. */
export function memberOf(text: string): string {
  const plain = text.length <= longest && text.length > 0 && !text.includes(' ') && text.charCodeAt(0) !== 0x23
  return plain ? text : `#${hash('sha256', text, 'base64')}`
}

/** The root with the member in the set; null = it was there. */
export function withMember(memory: Memory, learner: string, key: string, root: TextSet, member: string, depth = 0): TextSet | null {
  if (typeof root === 'string') {
    if (root.includes(` ${member} `)) return null
    const more = `${root}${member} `
    return more.length <= full ? more : split(memory, learner, key, more, depth)
  }
  const digit = digitOf(member, depth)
  const under = key + digit
  const next = withMember(memory, learner, under, memory.get<TextSet>(learner, under) ?? noTexts, member, depth + 1)
  if (next === null) return null
  memory.put(learner, under, next)
  return root[0].includes(digit) ? root : [root[0] + digit]
}

/** The members of a set that is given up: all but its root is forgotten, and that the caller has. */
export function takeMembers(memory: Memory, learner: string, key: string, root: TextSet): string[] {
  if (typeof root === 'string') return root.length === 1 ? [] : root.slice(1, -1).split(' ')
  return [...root[0]].flatMap(digit => {
    const members = takeMembers(memory, learner, key + digit, memory.get<TextSet>(learner, key + digit)!)
    memory.delete(learner, key + digit)
    return members
  })
}

function split(memory: Memory, learner: string, key: string, texts: string, depth: number): TextSet {
  const groups = new Map<string, string>()
  for (const member of texts.slice(1, -1).split(' ')) {
    const digit = digitOf(member, depth)
    groups.set(digit, `${groups.get(digit) ?? ' '}${member} `)
  }
  for (const [digit, group] of groups) memory.put(learner, key + digit, group)
  return [[...groups.keys()].join('')]
}

const digitOf = (member: string, depth: number) => hash('sha256', member, 'hex').charAt(depth)
