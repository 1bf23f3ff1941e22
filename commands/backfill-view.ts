import type { BackfillEvents, BackfillProgress } from '../runtime/backfill/request.js'
import { emptyPrefixText } from '../runtime/sources/nearest-names.js'
import { planned } from './backfill-text.js'
import { bytes, duration, number } from './terminal/format.js'
import type { OutputStream } from './terminal/output.js'
import { progressView } from './terminal/progress-bar.js'

/** The run as a person sees it while it goes. `now` in milliseconds. */
export function backfillView(stream: OutputStream, now: () => number): { readonly events: BackfillEvents; end(): void } {
  const view = progressView(stream, now)
  let meter: Meter | null = null
  const events: BackfillEvents = {
    planned(plan) {
      const run = plan.resumes === null ? '' : `going on with run ${plan.resumes}: `
      view.note(`${run}${planned(plan)}`)
      // Before reading: who misspelt a section need not wait for the others to see it.
      for (const prefix of plan.empty) view.note(emptyPrefixText(prefix))
    },
    progress(progress) {
      meter ??= makeMeter(progress, now())
      view.show({ part: partOf(progress), text: progressText(progress, meter(progress, now())) })
    },
    note: text => view.note(text),
  }
  return { events, end: () => view.end() }
}

const phases: Readonly<Record<BackfillProgress['phase'], string>> = {
  reading: '',
  sealing: 'waiting for route to pass the end  ',
  waiting: 'waiting for the datasets  ',
}

const partOf = (progress: BackfillProgress) => (progress.totalBytes > 0 ? progress.bytes / progress.totalBytes : 1)

export function progressText(progress: BackfillProgress, pace: Pace): string {
  const { objects, totalObjects, bytes: done, totalBytes, lines, phase } = progress
  const rest =
    phase === 'reading' ? `  ${number(pace.linesPerSecond)}/s  ETA ${pace.etaSeconds === null ? '?' : duration(pace.etaSeconds)}` : ''
  return `${phases[phase]}${number(objects)}/${number(totalObjects)} objects  ${number(lines)} lines  ${bytes(done)}/${bytes(totalBytes)}${rest}`
}

interface Pace {
  readonly linesPerSecond: number
  readonly etaSeconds: number | null
}
type Meter = (progress: BackfillProgress, at: number) => Pace

/** A rate of the last seconds: it follows a run that becomes slower, and does not jump. */
const windowMs = 10_000

export function makeMeter(first: BackfillProgress, startedAt: number): Meter {
  const samples = [{ at: startedAt, lines: first.lines, bytes: first.bytes }]
  return (progress, at) => {
    samples.push({ at, lines: progress.lines, bytes: progress.bytes })
    while (samples.length > 2 && at - samples[1]!.at > windowMs) samples.shift()
    const oldest = samples[0]!
    const seconds = (at - oldest.at) / 1000
    if (seconds <= 0) return { linesPerSecond: 0, etaSeconds: null }
    const bytesPerSecond = (progress.bytes - oldest.bytes) / seconds
    const etaSeconds = bytesPerSecond > 0 ? (progress.totalBytes - progress.bytes) / bytesPerSecond : null
    return { linesPerSecond: (progress.lines - oldest.lines) / seconds, etaSeconds }
  }
}
