import { count } from '../commands/terminal/format.js'
import type { Output } from '../commands/terminal/output.js'
import { progressView } from '../commands/terminal/progress-bar.js'
import { TributaryError } from '../schemas/errors.js'
import { type Environment, preflight, readServices, type Services, startStack, stopStack } from '../stack/stack.js'

export interface DemoStack {
  readonly addresses: Services
  /** It ran before: it is somebody else's to stop. */
  readonly found: boolean
  /** Stops what the demo has started. */
  stop(): Promise<void>
}

interface Options {
  readonly root: string
  readonly dataDir: string
  readonly env: Environment
  readonly out: Output
}

/** The running local stack, or one that is started for the demo. */
export async function demoStack(options: Options): Promise<DemoStack> {
  const { dataDir, out } = options
  const stop = async () => void (await stopStack(dataDir))
  const found = readServices(dataDir) !== null
  if (!found) explain(await preflight(options), out)
  const view = progressView(out.progressStream, () => performance.now())
  const events = {
    step: (text: string) => view.note(`  ${text}`),
    progress: (what: string, done: number, total: number) =>
      view.show({ part: total > 0 ? done / total : null, text: `  ${what}  ${done} of ${total} MB` }),
  }
  try {
    const addresses = await startStack({ ...options, events })
    return { addresses, found, stop: found ? async () => undefined : stop }
  } catch (error) {
    if (!found) await stop()
    throw error
  } finally {
    view.end()
  }
}

function explain({ ok, missing, install, fetch }: Awaited<ReturnType<typeof preflight>>, out: Output): void {
  if (!ok) {
    const lines = Object.entries(install ?? {}).map(([system, line]) => `  ${system.padEnd(16)} ${line}`)
    if (lines.length > 0) out.note(`To install what is missing:\n${lines.join('\n')}`)
    throw new TributaryError('MACHINE_LACKS', missing.join('; '))
  }
  if (fetch.megabytes > 0)
    out.note(
      `  the first start fetches about ${fetch.megabytes} MB (${count(fetch.minutes, 'minute')} on a modest line); later ones fetch nothing`,
    )
}
