import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { withLock } from './lock.js'
import { terminate } from './owned-process.js'
import { type PartName, partNames } from './services.js'
import { isStarted, readState, stackDir, withPart, writeState } from './state.js'

export interface Stopped {
  /** The parts that ran. All are gone when the promise resolves, unless they are in `left`. */
  readonly stopped: readonly PartName[]
  /** Processes that even SIGKILL did not end (a stuck disk). */
  readonly left: readonly PartName[]
}

/** A JVM that writes its class-data archive for the first time takes some seconds more. */
const politeMs = 30_000

/** Data stays. Waits until the processes are really gone. */
export async function stopStack(dataDir: string): Promise<Stopped> {
  const folder = resolve(dataDir)
  if (!existsSync(stackDir(folder))) return { stopped: [], left: [] }
  return withLock(join(stackDir(folder), 'lock'), { waiting: () => {}, deadlineMs: 10 * 60_000 }, async () => {
    let state = readState(folder)
    if (state === null) return { stopped: [], left: [] }
    const parts = state.parts
    const running = partNames.filter(name => isStarted(parts[name]))
    const contained = partNames.flatMap(name => parts[name]?.container ?? [])
    if (contained.length > 0) await (await import('./docker/containers.js')).removeContainers(contained)
    const gone = await Promise.all(running.map(name => parts[name]!.container != null || terminate(parts[name]!.process!, politeMs)))
    for (const name of partNames) {
      const part = parts[name]
      const stays = gone[running.indexOf(name)] === false
      if (part !== undefined && !stays) state = withPart(state, name, { ...part, process: null, container: null })
    }
    writeState(folder, state)
    return { stopped: running.filter((_, i) => gone[i]), left: running.filter((_, i) => !gone[i]) }
  })
}
