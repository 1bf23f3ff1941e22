import { count, number } from '../commands/terminal/format.js'
import { inOneLine } from '../commands/terminal/printable.js'
import { type DemoReport, total } from './demo-report.js'

const seconds = (value: number) => `${value.toFixed(1)} s`

const widest = 110
/** Enough to see whether two are equal; the report (`--json`) has them whole. */
const short = (sha256: string) => sha256.slice(0, 16)
/** As one would type it from where one is. */
const shown = (path: string, here: string) => (path.startsWith(`${here}/`) ? path.slice(here.length + 1) : path)

/** The summary, point by point: what was promised and what came out. */
export function demoText(report: DemoReport, here: string, columns = widest): string {
  const width = Math.min(widest, columns - 6)
  const { expected, backfill, ledger, deadLetter, kill, straight, killed, live, sample } = report
  const events = total(expected.events)
  return `
(a) The history: ${number(expected.lines)} lines in ${number(backfill.objects)} objects, ${number(expected.duplicates)} of them repeats and ${total(expected.refused)} spoilt.

(b) Nothing is lost and nothing counts twice.
    backfill   lines ${backfill.lines} = blank ${backfill.blank} + published ${backfill.published} + refused ${total(backfill.refused)}
    the log    records ${ledger.records} = markers ${ledger.markers} + misplaced ${ledger.misplaced} + events ${ledger.events} + duplicates ${ledger.duplicates} + dead letters ${ledger.deadLetters}
    (${number(events)} events of the history, and the two live ones of (d), of which one was sent to the wrong partition and moved.
    Spoilt lines are published too: route alone judges, and keeps what it refuses.)
    One of the ${ledger.deadLetters} dead letters:
      ${deadLetter.code}: ${deadLetter.reason}
      ${deadLetter.source}
      ${inOneLine(deadLetter.begins, width)}

(c) kill -9 in the middle changes nothing.
    route (process ${kill.killedPid}) was killed when ${number(kill.recordsRouted)} records were through;
    process ${kill.newPid} took over and committed again after ${seconds(kill.secondsAway)}
    straight run    ${number(straight.rows)} rows  sha256 ${short(straight.sha256)}…
    with the kill   ${number(killed.rows)} rows  sha256 ${short(killed.sha256)}…  ${straight.sha256 === killed.sha256 ? 'equal' : 'DIFFERENT'}

(d) A learner answered just now, and answered again: seconds later the rows were in the manifest.
    sent straight to Kafka, to the wrong partition    after ${seconds(live.straightly.seconds)}
    uploaded to S3, where follow found it             after ${seconds(live.uploaded.seconds)}
      ${live.uploaded.place}

(e) The first rows of ${shown(sample.csv, here)}
${sample.rows.map(row => `      ${inOneLine(row, width)}`).join('\n')}
    In a browser: ${sample.index}
`
}

export function verdictText({ ok, problems, seconds: took }: DemoReport): string {
  if (ok) return `All promises kept, in ${seconds(took)}.`
  return `${count(problems.length, 'promise')} NOT kept:\n${problems.map(problem => `  - ${problem}`).join('\n')}`
}

/** Three commands to go on with. Without the stack it has to be started first. */
export function nextText(sample: DemoReport['sample'], stays: boolean, here: string): string {
  const first = stays ? 'in another terminal:' : 'start the servers again, then look around:\n  ./tributary up --detach'
  return `To try next, ${first}
  . ${shown(sample.variables, here)}
  ./tributary status
  ./tributary dataset show attempts
  ./tributary verify`
}
