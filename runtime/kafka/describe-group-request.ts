import type { GroupMemberState } from '../log.js'
import { assignedOf } from './group-requests.js'
import { type WireRequest, wireVersions } from './wire-request.js'

export interface DescribedGroup {
  readonly error: number
  readonly members: readonly GroupMemberState[]
}

/** A group that nobody ever joined is answered as one without members, not as an error. */
export function describeGroupRequest(group: string): WireRequest<DescribedGroup> {
  return {
    ...wireVersions.describeGroups,
    encode: out => out.array([group], name => out.string(name)),
    decode: from => {
      from.i32()
      const [found] = from.array((): DescribedGroup => {
        const error = from.i16()
        // Name, state, type of protocol and protocol.
        for (let i = 0; i < 4; i++) from.string()
        return { error, members: from.array(() => member(from)) }
      })
      return found ?? { error: 0, members: [] }
    },
  }
}

function member(from: Parameters<WireRequest<unknown>['decode']>[0]): GroupMemberState {
  const id = from.string() ?? ''
  const client = from.string() ?? ''
  const host = from.string() ?? ''
  from.bytes()
  return { id, client, host, partitions: assignedOf(from.bytes()) }
}
