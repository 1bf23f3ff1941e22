import type { EventQueue } from '../../runtime/event-queue.js'
import { followInGroup } from '../../runtime/follow/follow-member.js'
import type { FollowRequest } from '../../runtime/follow/request.js'
import type { RoleKit } from '../../runtime/role-kit.js'
import { topology } from '../../topology.js'

export const followed = { bucket: 'history', section: 1, category: 'video' } as const

const request: FollowRequest = {
  bucket: followed.bucket,
  sections: [String(followed.section)],
  prefixes: [],
  categories: [followed.category],
  since: null,
  queue: null,
  everyMs: 500,
  overlapMs: 900_000,
  listsPerSecond: 1000,
}
const heard = { progress: () => undefined, note: () => undefined, standsBy: () => undefined }

/** A follow's role as `runFollowRole` puts it together, without its folder on a disk. */
export function simFollow({ services, member, signal, fault }: RoleKit, queue: EventQueue | null): Promise<unknown> {
  const options = { queue, patient: true, fault, events: heard, member }
  return followInGroup(services, topology.sources, { ...request, queue: queue === null ? null : 'queue' }, options, signal)
}
