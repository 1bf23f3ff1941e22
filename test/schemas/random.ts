/** Seeded: a failure is repeated by its seed. */
export interface Random {
  below(n: number): number
  pick<T>(items: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
}

/** Looked up once: in a test every look-up of a global goes through jest's own. */
const { imul, floor } = Math

export function seeded(seed: number): Random {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = imul(state ^ (state >>> 15), 1 | state)
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (n: number) => floor(next() * n)
  return {
    below,
    pick: items => items[below(items.length)]!,
    shuffle: items => {
      const copy = [...items]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1)
        ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
      }
      return copy
    },
  }
}

const strings = [
  '',
  'a',
  'b\\c',
  'quote " quote',
  '}{][',
  'é',
  '😀',
  '\u2028',
  '\u0001',
  '\n',
  '\\',
  '\\"',
  'section_id',
  '\ud83d',
  '__proto__',
  'constructor',
  '0',
]
const numbers = ['0', '-0', '1', '1.0', '1e3', '9007199254740993', '1e400', '-1.5E-7']

export function randomString(random: Random): string {
  return Array.from({ length: random.below(4) }, () => random.pick(strings)).join('')
}

/** JSON text in a random spelling: white space, escapes, repeated keys. */
export function randomJson(random: Random, depth = 4): string {
  const space = () => random.pick(['', '', '', ' ', '\n', '\t ', '\r\n'])
  const kind = random.below(depth > 0 ? 7 : 4)
  if (kind === 0) return random.pick(['null', 'true', 'false'])
  if (kind === 1) return random.pick(numbers)
  if (kind < 4) return spelled(random, randomString(random))
  const items = Array.from({ length: random.below(4) }, () => {
    const value = space() + randomJson(random, depth - 1) + space()
    return kind === 4 ? value : `${space()}${spelled(random, randomString(random))}${space()}:${value}`
  })
  return kind === 4 ? `[${items.join(',') || space()}]` : `{${items.join(',') || space()}}`
}

/** A string literal with some characters escaped that need not be. */
export function spelled(random: Random, text: string): string {
  const shortest = JSON.stringify(text)
  if (random.below(3) > 0) return shortest
  let literal = ''
  for (let i = 0; i < text.length; i++) {
    const hex = text.charCodeAt(i).toString(16).padStart(4, '0')
    literal += random.below(2) === 0 ? `\\u${random.below(2) === 0 ? hex : hex.toUpperCase()}` : JSON.stringify(text[i]).slice(1, -1)
  }
  return `"${literal}"`
}
