/** Where the statements of a history come from. */
export interface Origin {
  readonly host?: string
  readonly section?: number
  readonly learners?: number
  /** Bytes of free text in the answer of a part attempt. */
  readonly padding?: number
  /** Second, from the first one on, at which a number was told; default: the number. */
  readonly secondOf?: (n: number) => number
}

const ext = (key: string) => `http://oli.cmu.edu/extensions/${key}`
const vid = (key: string) => `https://w3id.org/xapi/video/extensions/${key}`
const extensions = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([key, v]) => [ext(key), v]))
const videoValues = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([key, v]) => [vid(key), v]))

const completed = 'http://adlnet.gov/expapi/verbs/completed'
const firstSecond = Date.UTC(2025, 0, 6, 8) / 1000

interface Parts {
  readonly verb: string
  readonly type: string
  readonly object: string
  readonly subType?: string
  readonly extensions: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
}

const page = (n: number) => ({ page_id: 26 + (n % 5), page_attempt_guid: `page-${n}`, page_attempt_number: 1 })
const activity = (n: number) => ({
  activity_attempt_guid: `activity-${n}`,
  activity_attempt_number: 1 + (n % 3),
  activity_id: 5000 + (n % 11),
  activity_revision_id: 58,
})
const watching = (n: number) => ({
  resource_id: 26 + (n % 5),
  page_attempt_guid: `page-${n}`,
  page_attempt_number: 1,
  content_element_id: `ce-${n % 4}`,
})
const score = { score: { scaled: 0.5, raw: 1.0, min: 0, max: 2 }, completion: true, success: true }
const film = (n: number, verb: string, values: Readonly<Record<string, unknown>>, length: boolean): Parts => ({
  verb: `https://w3id.org/xapi/video/verbs/${verb}`,
  type: 'https://w3id.org/xapi/video/activity-type/video',
  object: `https://video.test/${n % 4}`,
  extensions: { ...extensions(watching(n)), ...(length ? videoValues({ length: 60.5 }) : {}) },
  result: { extensions: videoValues(values) },
})

const makers = {
  part_attempt: (n, padding): Parts => ({
    verb: completed,
    type: 'http://adlnet.gov/expapi/activities/question',
    object: `https://one.oli.test/part_attempt/part-${n}}`,
    extensions: extensions({
      ...page(n),
      ...activity(n),
      part_attempt_guid: `part-${n}`,
      part_attempt_number: 1,
      part_id: '1',
      attached_objectives: [161, 162],
      hints_requested: n % 2 ? ['h1', 'h2'] : [],
      session_id: `session-${n % 7}`,
    }),
    result: {
      ...score,
      response: { files: [], input: `answer "${n}", with a comma,\nand a second line ${'é'.repeat(padding >> 1)}` },
      extensions: extensions({ feedback: { id: '1', content: [{ type: 'p', children: [{ text: 'Right' }] }] } }),
    },
  }),
  activity_attempt: (n): Parts => ({
    verb: completed,
    type: ext('activity_attempt'),
    object: `https://one.oli.test/activity_attempt/activity-${n}}`,
    extensions: extensions({ ...page(n), ...activity(n) }),
    result: score,
  }),
  page_attempt: (n): Parts => ({
    verb: completed,
    type: ext('page_attempt'),
    object: `https://one.oli.test/page_attempt/page-${n}}`,
    extensions: extensions(page(n)),
    result: score,
  }),
  page_viewed: (n): Parts => ({
    verb: 'http://id.tincanapi.com/verb/viewed',
    type: ext('types/page'),
    object: `https://one.oli.test/page/${26 + (n % 5)}}`,
    subType: n % 2 ? 'practice' : 'graded',
    extensions: extensions(page(n)),
  }),
  video_played: (n): Parts => film(n, 'played', { time: n / 4 }, true),
  video_paused: (n): Parts => film(n, 'paused', { time: n / 4, progress: 0.25, 'played-segments': '0[.]12.3[,]20[.]21' }, true),
  video_seeked: (n): Parts => film(n, 'seeked', { 'time-from': n / 4, 'time-to': n / 2 }, false),
  video_completed: (n): Parts => film(n, 'completed', { time: 60.5, progress: 1.0, 'played-segments': '0[.]60.5' }, true),
} satisfies Record<string, (n: number, padding: number) => Parts>

export type StatementKind = keyof typeof makers
const kinds = Object.keys(makers) as StatementKind[]

/** The kinds take turns. */
export const kindOf = (n: number): StatementKind => kinds[n % kinds.length]!

/** Statement number `n` of an origin, shaped as Torus writes it. The same arguments give the same bytes; two numbers are two facts. */
export function statement(
  n: number,
  { host = 'one.oli.test', section = 1, learners = 40, padding = 0, secondOf = n => n }: Origin = {},
  kind = kindOf(n),
): string {
  const { verb, type, object, subType, extensions: own, result } = makers[kind](n, padding)
  return JSON.stringify({
    actor: { account: { homePage: host, name: n % learners }, objectType: 'Agent' },
    verb: { id: verb, display: { 'en-US': verb.split('/').at(-1) } },
    object: { id: object, definition: { name: { 'en-US': 'A title' }, type, ...(subType ? { subType } : {}) }, objectType: 'Activity' },
    ...(result ? { result } : {}),
    context: { extensions: { ...extensions({ section_id: section, project_id: 7, publication_id: 41 }), ...own } },
    timestamp: new Date((firstSecond + secondOf(n)) * 1000).toISOString().replace('.000Z', 'Z'),
  })
}

/** Statements `from` .. `to` (exclusive). */
export function statements(from: number, to: number, origin: Origin = {}): string[] {
  return Array.from({ length: to - from }, (_, i) => statement(from + i, origin))
}

/** How many of the numbers `from` .. `to` (exclusive) are of these kinds. */
export function countOf(from: number, to: number, of: readonly StatementKind[]): number {
  let count = 0
  for (let n = from; n < to; n++) if (of.includes(kindOf(n))) count++
  return count
}

export const kindsOfDataset = {
  attempt_evaluated: ['part_attempt', 'activity_attempt', 'page_attempt'],
  page_viewed: ['page_viewed'],
  video: ['video_played', 'video_paused', 'video_seeked', 'video_completed'],
} satisfies Record<string, StatementKind[]>
