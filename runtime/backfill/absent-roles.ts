import { isSnapshotKind } from '../../schemas/dataset-kinds.js'
import { type GroupedRole, groupName } from '../../schemas/topics.js'
import { readSpecs } from '../datasets/specs.js'
import type { Services } from '../services.js'

const everyMs = 2_000

/** Roles that somebody waits for and no process runs. */
export interface AbsentRoles {
  /** As of the last look. */
  readonly names: readonly GroupedRole[]
}

/** Who has to work before every dataset contains what was sent to `xapi`: without a dataset only route. */
async function neededRoles(services: Services): Promise<readonly GroupedRole[]> {
  const specs = [...(await readSpecs(services)).specs.values()]
  const ofStates = specs.some(({ spec }) => isSnapshotKind(spec.kind))
  return ['route', ...(ofStates ? (['aggregate'] as const) : []), ...(specs.length > 0 ? (['sink', 'publish'] as const) : [])]
}

/** Looks until the signal, and notes at once when nobody is there to be waited for, and when that changes. A killed process counts until its session ends. */
export function watchAbsentRoles(
  services: Services,
  note: (text: string) => void,
  signal: AbortSignal,
): { readonly absent: AbsentRoles; readonly ended: Promise<void> } {
  const { log, naming, clock } = services
  const absent: { names: readonly GroupedRole[] } = { names: [] }
  const watch = async () => {
    const needed = await neededRoles(services)
    for (let said = ''; !signal.aborted; await clock.sleep(everyMs, signal)) {
      const members = await Promise.all(needed.map(role => log.members(groupName(role, naming))))
      absent.names = needed.filter((_, i) => members[i]!.length === 0)
      const text =
        absent.names.length > 0 ? `no process runs ${absent.names.join(', ')}: nothing is done until \`tributary run\` is started` : ''
      if (text !== '' && text !== said) note(text)
      said = text
    }
  }
  return { absent, ended: watch() }
}
