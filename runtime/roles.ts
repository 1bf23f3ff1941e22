import type { Format } from '../sinks/format.js'
import { type Fault, noFault } from './fault.js'
import { withPatience } from './patience.js'
import { runPublishRole } from './publish/publish-role.js'
import { openCodec } from './registry/codec.js'
import type { RoleKit } from './role-kit.js'
import { runRouteRole } from './route/route-role.js'
import type { Services } from './services.js'
import { runSinkRole } from './sink/sink-role.js'
import { memberFile } from './state/member-file.js'
import { takeRoleFolder } from './state/role-folder.js'
import { requireTopics } from './topics-admin.js'

const roles = { route: runRouteRole, sink: runSinkRole, publish: runPublishRole } satisfies Record<string, (kit: RoleKit) => Promise<void>>
export type RoleName = keyof typeof roles
export const roleNames = Object.keys(roles) as readonly RoleName[]

/** From the signal until a process may end, whatever hangs: less than containers are given before they are killed (10 s). */
const stopMs = 9_000

/**
 * Runs one role in this process until the signal; resolves when everything it had open is committed or aborted, or (a server does not
 * answer) is left to be done again from the committed position.
 */
export async function runOneRole(
  role: RoleName,
  services: Services,
  kinds: { readonly formats: readonly Format[] },
  signal: AbortSignal,
  fault: Fault = noFault,
): Promise<void> {
  const running = runInFolder(role, services, kinds.formats, signal, fault)
  if (!(await withPatience(running, signal, stopMs, services.clock)))
    services.logger.warn({ role }, 'a server does not answer: what is open is left, and done again from the committed position')
}

async function runInFolder(
  role: RoleName,
  services: Services,
  formats: readonly Format[],
  signal: AbortSignal,
  fault: Fault,
): Promise<void> {
  await requireTopics(services)
  const folder = takeRoleFolder(services.config, role)
  try {
    const codec = await openCodec(services.registry, services.naming)
    await roles[role]({ services, codec, formats, folder, member: memberFile(folder.path), signal, fault })
  } finally {
    folder.release()
  }
}
