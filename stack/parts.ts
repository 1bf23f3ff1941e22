import { kafka } from './kafka.js'
import { objectStore, s3proxy } from './object-store.js'
import type { Asking, Part } from './part.js'
import { registry } from './registry.js'
import type { Environment, PartName } from './services.js'
import { isStarted, type PartState, type StackState } from './state.js'

/** The object store is the one part with a choice. */
export async function partsOf(names: readonly PartName[], o: { env: Environment; dataDir: string }): Promise<Part[]> {
  const all: Record<PartName, () => Part | Promise<Part>> = {
    kafka: () => kafka,
    registry: () => registry,
    s3: () => objectStore(o.env, o.dataDir),
  }
  return Promise.all(names.map(name => all[name]()))
}

/** Every object store is asked in the same way, so this needs no search for the one that was started. */
const asked: Readonly<Record<PartName, Part>> = { kafka, registry, s3: s3proxy }

/** Asks the server; a stranger on its port is no answer, as the process must be ours too. */
export async function serving(name: PartName, state: StackState, dataDir: string): Promise<boolean> {
  const part = state.parts[name]
  if (!isStarted(part)) return false
  return serves(name, part, { dataDir, credentials: state.credentials, withinMs: 2_000 })
}

/** Asks the server alone. */
export function serves(name: PartName, part: PartState, asking: Asking): Promise<boolean> {
  return asked[name].serves(part, asking)
}
