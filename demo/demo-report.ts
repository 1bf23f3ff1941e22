import type { BackfillSum } from '../runtime/backfill/request.js'
import type { Verdict } from '../verify/verify.js'
import type { DeadLetter } from './dead-letters.js'
import type { RowsDigest } from './demo-datasets.js'
import type { Kill } from './killed-run.js'
import type { LiveEvent, UploadedEvent } from './live-event.js'
import type { SampleExpected } from './sample-history.js'

/** All that the demo has seen; with `--json` this is printed. */
export interface DemoReport {
  readonly ok: boolean
  /** Promises that were not kept. */
  readonly problems: readonly string[]
  readonly seconds: number
  readonly expected: SampleExpected
  readonly backfill: BackfillSum
  readonly ledger: Verdict['ledger']
  readonly deadLetter: DeadLetter
  readonly kill: Kill
  readonly straight: RowsDigest & { readonly seconds: number }
  readonly killed: RowsDigest & { readonly seconds: number }
  readonly live: { readonly straightly: LiveEvent; readonly uploaded: UploadedEvent }
  readonly sample: Sample
}

/** What lies on the disk to be looked at. */
export interface Sample {
  readonly csv: string
  readonly rows: readonly string[]
  readonly index: string
  /** Files that have the live events. */
  readonly liveIn: readonly (string | null)[]
  readonly variables: string
}

export type Seen = Omit<DemoReport, 'ok' | 'problems' | 'seconds'> & {
  readonly verdict: Verdict
  readonly deadLetters: readonly DeadLetter[]
  readonly rowsByDataset: Readonly<Record<string, number>>
}

export const total = (counts: Readonly<Partial<Record<string, number>>>) =>
  Object.values(counts).reduce<number>((sum, n) => sum + (n ?? 0), 0)

/** The events that the demo itself has made. One was moved, since it was sent to the wrong partition. */
const live = 2
const moved = 1
const freshnessPromise = 10

/** Every promise, against what must come out of the history. Empty = all are kept. */
export function brokenPromises(seen: Seen): readonly string[] {
  const { expected, backfill, ledger, deadLetters, straight, killed } = seen
  const problems: string[] = [...seen.verdict.problems]
  const check = (what: string, got: number | string, want: number | string) => {
    if (got !== want) problems.push(`${what}: ${got}, and should be ${want}`)
  }
  check('lines read', backfill.lines, expected.lines)
  check('blank lines', backfill.blank, expected.blank)
  check('lines = blank + published + refused', backfill.blank + backfill.published + total(backfill.refused), backfill.lines)
  check('events', ledger.events, total(expected.events) + live)
  check('duplicates', ledger.duplicates, expected.duplicates)
  check('dead letters', ledger.deadLetters, total(expected.refused))
  check('misplaced records', ledger.misplaced, moved)
  for (const [code, want] of Object.entries(expected.refused))
    check(`dead letters ${code}`, deadLetters.filter(letter => letter.code === code).length, want ?? 0)
  check('dead letters without their S3 line', deadLetters.filter(({ source }) => !/^s3:\/\/.+#\d+$/.test(source)).length, 0)
  for (const [dataset, want] of Object.entries(rowsExpected(expected))) check(`rows of ${dataset}`, seen.rowsByDataset[dataset] ?? 0, want)
  check('rows after the kill', killed.rows, straight.rows)
  check('SHA-256 of the sorted rows after the kill', killed.sha256, straight.sha256)
  for (const [name, { seconds }] of Object.entries({ live: seen.live.straightly, uploaded: seen.live.uploaded }))
    if (seconds > freshnessPromise)
      problems.push(`the ${name} event was in the manifest after ${seconds} s, and ${freshnessPromise} s are promised`)
  if (seen.sample.liveIn.includes(null)) problems.push('the row of a live event is in no file')
  return problems
}

function rowsExpected({ events, learners }: SampleExpected): Readonly<Record<string, number>> {
  const of = (...kinds: (keyof typeof events)[]) => kinds.reduce((sum, kind) => sum + (events[kind] ?? 0), 0)
  return {
    attempts: of('part_attempt', 'activity_attempt', 'page_attempt') + live,
    videos: of('video_played', 'video_paused', 'video_seeked', 'video_completed'),
    pages: of('page_viewed'),
    learners,
  }
}
