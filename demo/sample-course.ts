import type { Random } from './random.js'

/** A made-up course. What statements repeat about it is kept as JSON text: writing a million of them must not take a minute. */
export interface Course {
  readonly project: number
  readonly pages: readonly Page[]
}

export interface Page {
  readonly id: number
  /** JSON text. */
  readonly subType: string
  readonly activities: readonly Activity[]
  readonly video: Video | null
}

export interface Activity {
  readonly id: number
  readonly revision: number
  readonly parts: readonly Part[]
}

export interface Part {
  /** All JSON texts. */
  readonly id: string
  readonly objectives: string
  readonly hints: readonly string[]
  readonly answers: readonly Answer[]
}

export interface Answer {
  /** JSON texts. */
  readonly response: string
  readonly feedback: string
  readonly right: boolean
}

export interface Video {
  readonly url: string
  readonly title: string
  readonly element: string
  /** Seconds. */
  readonly length: number
}

const words =
  'the a of force mass energy because therefore equal sum mean variance sample slope limit cell membrane enzyme acid base bond atom market price demand supply verb clause river glacier erosion crust mantle orbit lens wave current charge field'.split(
    ' ',
  )
/** What learners really type: quotes, commas, other scripts, a line separator that is no line end. */
const oddities = [
  '"quoted", with a comma',
  'naïve café',
  '数学は楽しい',
  '🧪 → 🧠',
  'x < y && y > z',
  'first\nsecond',
  'a\u2028b',
  'C:\\temp',
  '½ · 3.0e8',
]

const json = (value: unknown) => JSON.stringify(value)
const times = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i))

export function makeCourse(random: Random): Course {
  const sentence = (low: number, high: number) => times(random.int(low, high), () => random.pick(words)).join(' ')
  const paragraph = (text: string) => ({ children: [{ text }], id: String(random.int(1e8, 4e9)), type: 'p' })
  const answer = (): Answer => {
    const input = random.chance(0.15) ? random.pick(oddities) : random.chance(0.5) ? String(random.int(1e8, 4e9)) : sentence(3, 24)
    return {
      response: random.chance(0.02) ? 'null' : json({ files: [], input }),
      feedback: json({ content: [paragraph(sentence(8, 34)), paragraph(sentence(6, 20))], id: String(random.int(1e8, 4e9)) }),
      right: random.chance(0.6),
    }
  }
  const part = (i: number): Part => ({
    id: json(i === 0 ? '1' : String(random.int(1e8, 4e9))),
    objectives: json(times(random.int(0, 3), () => random.int(161_000, 161_060))),
    hints: ['[]', '[]', json(['h1']), json(['h1', String(random.int(1e8, 4e9))])],
    answers: times(12, answer),
  })
  const activity = (id: number): Activity => ({ id, revision: id + 200_000, parts: times(random.int(1, 3), part) })
  const video = (): Video => ({
    url: json(`https://videos.example.org/watch?v=${random.hex(1)}`),
    title: json(sentence(2, 6)),
    element: json(String(random.int(1e8, 4e9))),
    length: random.int(60_000, 900_000) / 1000,
  })
  const page = (i: number): Page => ({
    id: 20_000 + i * 7,
    subType: json(i % 4 === 2 ? 'graded' : 'practice'),
    activities: times(random.int(1, 3), k => activity(160_000 + i * 20 + k)),
    video: i % 2 === 1 ? video() : null,
  })
  return { project: 1_310, pages: times(30, page) }
}
