import cliProgress from 'cli-progress'
import type { OutputStream } from './output.js'
import { columnsOf, wrap } from './wrap.js'

/** How far something is, and the text beside the bar. */
export interface Progress {
  /** 0 to 1; null = not known. */
  readonly part: number | null
  readonly text: string
}

export interface ProgressView {
  show(progress: Progress): void
  /** A line of its own that the bar does not overwrite. */
  note(text: string): void
  /** Leaves the last state on the screen. */
  end(): void
}

/** Without a terminal, a line this often. */
const lineEveryMs = 5_000
const redrawEveryMs = 100

/** A bar on a terminal, plain lines elsewhere. `now` in milliseconds. */
export function progressView(stream: OutputStream, now: () => number): ProgressView {
  return stream.isTTY ? barView(stream, now) : lineView(stream, now)
}

function barView(stream: OutputStream, now: () => number): ProgressView {
  let latest: Progress = { part: null, text: '' }
  let drawnAt = Number.NEGATIVE_INFINITY
  let shown = false
  const steps = 1000
  const bar = new cliProgress.SingleBar({
    stream,
    format: () => barText(latest, columnsOf(stream) - 1),
    // Ctrl-C belongs to main.ts, which also must not leave a terminal without its cursor.
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
    fps: 1000 / redrawEveryMs,
    emptyOnZero: true,
  })
  const draw = () => {
    drawnAt = now()
    const at = Math.round((latest.part ?? 0) * steps)
    if (shown) bar.update(at)
    else bar.start(steps, at)
    shown = true
  }
  const end = () => {
    if (!shown) return
    draw()
    bar.stop()
    shown = false
  }
  return {
    show(progress) {
      latest = progress
      if (now() - drawnAt >= redrawEveryMs) draw()
    },
    note(text) {
      end()
      stream.write(`${wrap(text, columnsOf(stream))}\n`)
      drawnAt = Number.NEGATIVE_INFINITY
    },
    end,
  }
}

/** Cut to the width of the terminal: a wrapped line would be repeated at every redraw. */
export function barText(progress: Progress, width: number): string {
  const part = Math.min(1, progress.part ?? 0)
  const size = Math.max(0, Math.min(24, width - progress.text.length - 8))
  const full = Math.round(part * size)
  const known = progress.part !== null && size > 4
  const bar = known ? `${'█'.repeat(full)}${'░'.repeat(size - full)} ${String(Math.floor(part * 100)).padStart(3)} %  ` : ''
  return `${bar}${progress.text}`.slice(0, Math.max(width, 20))
}

function lineView(stream: OutputStream, now: () => number): ProgressView {
  let writtenAt = now()
  let latest: string | null = null
  let written: string | null = null
  const write = () => {
    if (latest === null || latest === written) return
    stream.write(`${latest}\n`)
    written = latest
    writtenAt = now()
  }
  return {
    show(progress) {
      const percent = progress.part === null ? '' : `${String(Math.floor(progress.part * 100)).padStart(3)} %  `
      latest = `${percent}${progress.text}`
      if (now() - writtenAt >= lineEveryMs) write()
    },
    note: text => void stream.write(`${text}\n`),
    end: write,
  }
}
