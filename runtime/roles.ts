import { join } from 'node:path'
import type { Source } from '../producers/source.js'
import { runAggregateRole } from './aggregate/aggregate-role.js'
import { type Fault, noFault } from './fault.js'
import { runFollowRole } from './follow/follow-role.js'
import { withPatience } from './patience.js'
import { runPublishRole } from './publish/publish-role.js'
import { openCodec } from './registry/codec.js'
import type { RoleKit } from './role-kit.js'
import { runRouteRole } from './route/route-role.js'
import type { Services } from './services.js'
import { runSinkRole } from './sink/sink-role.js'
import { type FreeBytes, freeBytes, requireRoom, roomToBegin } from './state/disk-room.js'
import { lmdbStateStore } from './state/lmdb-state-store.js'
import { memberFile } from './state/member-file.js'
import { takeRoleFolder } from './state/role-folder.js'
import { bootId } from './state/store-folder.js'
import { requireTopics } from './topics-admin.js'

const roles = {
  route: runRouteRole,
  aggregate: runAggregateRole,
  sink: runSinkRole,
  publish: runPublishRole,
} satisfies Record<string, (kit: RoleKit) => Promise<void>>
/** Those that are always needed. */
export type RoleName = keyof typeof roles
export const roleNames = Object.keys(roles) as readonly RoleName[]
/** `follow` runs only where something is to be followed. */
export type AnyRoleName = RoleName | 'follow'

type Kinds = Pick<RoleKit, 'aggregates' | 'formats' | 'mostInline'>

/** From the signal until a process may end, whatever hangs: less than containers are given before they are killed (10 s). */
const stopMs = 9_000

/**
 * Runs one role in this process until the signal; resolves when everything it had open is committed or aborted, or (a server does not
 * answer) is left to be done again from the committed position.
 */
export async function runOneRole(
  role: AnyRoleName,
  services: Services,
  kinds: Kinds & { readonly sources: readonly Source[] },
  signal: AbortSignal,
  fault: Fault = noFault,
  free: FreeBytes = freeBytes,
): Promise<void> {
  // `follow` reads no schemas and owns no tasks: what it keeps is in `sources`.
  const running =
    role === 'follow' ? runFollowRole(services, kinds.sources, fault, signal) : runInFolder(role, services, kinds, signal, fault, free)
  if (!(await withPatience(running, signal, stopMs, services.clock)))
    services.logger.warn({ role }, 'a server does not answer: what is open is left, and done again from the committed position')
}

async function runInFolder(
  role: RoleName,
  services: Services,
  kinds: Kinds,
  signal: AbortSignal,
  fault: Fault,
  free: FreeBytes,
): Promise<void> {
  await requireTopics(services)
  const folder = takeRoleFolder(services.config, role)
  try {
    // Before it joins its group: who cannot keep state must not take tasks from others. Publish keeps none.
    if (role !== 'publish') requireRoom(folder.path, roomToBegin, free)
    const codec = await openCodec(services.registry, services.naming)
    folder.report.started()
    const logger = services.logger.child({ role })
    await roles[role]({
      services,
      codec,
      ...kinds,
      openStore: (partition, name) =>
        lmdbStateStore(join(folder.path, `p${partition}${name === undefined ? '' : `-${name}`}`), logger, bootId(), free),
      member: memberFile(folder.path),
      report: folder.report,
      signal,
      fault,
    })
  } finally {
    folder.release()
  }
}
