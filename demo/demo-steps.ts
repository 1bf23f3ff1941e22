import { number } from '../commands/terminal/format.js'
import type { Output } from '../commands/terminal/output.js'
import { progressView } from '../commands/terminal/progress-bar.js'
import type { BackfillProgress } from '../runtime/backfill/request.js'
import { TributaryError } from '../schemas/errors.js'
import type { World } from './demo-world.js'

export interface Steps {
  /** Says what is done and how it went. It ends by Ctrl-C, by a world that breaks, or by its deadline: nothing waits for ever. */
  step<T>(title: string, seconds: number, worlds: readonly World[], work: (signal: AbortSignal) => Promise<[T, string]>): Promise<T>
  progress(progress: BackfillProgress): void
}

export function makeSteps(out: Output, signal: AbortSignal, logs: string): Steps {
  const view = progressView(out.progressStream, () => performance.now())
  return {
    progress({ lines, bytes, totalBytes, phase }) {
      const part = totalBytes === 0 ? 1 : bytes / totalBytes
      view.show({ part, text: `  ${number(lines)} lines${phase === 'reading' ? '' : ', waiting for the datasets'}` })
    },
    async step(title, seconds, worlds, work) {
      out.note(title)
      const deadline = AbortSignal.timeout(seconds * 1000)
      const end = AbortSignal.any([signal, deadline, ...worlds.map(({ broken }) => broken)])
      try {
        const [result, text] = await Promise.race([work(end), ended(end)])
        view.end()
        out.note(`  ${text}`)
        return result
      } catch (error) {
        view.end()
        if (signal.aborted) throw new TributaryError('INCOMPLETE', 'the demo was stopped')
        out.note(`  it went wrong; the logs of the roles are in ${logs}`)
        for (const { broken } of worlds) if (broken.aborted) throw broken.reason
        if (deadline.aborted) throw new TributaryError('INCOMPLETE', `${title}: not done within ${seconds} s`)
        throw error
      }
    },
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
