import type { Assignment, Claimant, Held } from './assign.js'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { type WireRequest, wireVersions } from './wire-request.js'

export interface GroupMember {
  readonly group: string
  readonly memberId: string
  readonly generation: number
}

export interface GroupTimes {
  readonly sessionMs: number
  readonly rebalanceMs: number
}

export interface Joined {
  readonly error: number
  readonly generation: number
  readonly memberId: string
  readonly leads: boolean
  readonly members: readonly Claimant[]
}

const protocol = 'tributary-sticky'

/** The broker holds the answer back until every member has joined, or for the rebalance time-out. */
export function joinGroupRequest(topic: string, member: GroupMember, owned: readonly Held[], times: GroupTimes): WireRequest<Joined> {
  return {
    ...wireVersions.joinGroup,
    timeoutMs: times.rebalanceMs + 10_000,
    encode: out => {
      out.string(member.group).i32(times.sessionMs).i32(times.rebalanceMs).string(member.memberId).string(null).string('consumer')
      out.array([protocol], name => out.string(name).bytes(subscription(topic, member.generation, owned)))
    },
    decode: from => {
      from.i32()
      const error = from.i16()
      const generation = from.i32()
      from.string()
      const leader = from.string()
      const memberId = from.string() ?? ''
      const members = from.array(() => {
        const id = from.string() ?? ''
        from.string()
        return claimant(id, from.bytes())
      })
      return { error, generation, memberId, leads: leader === memberId, members }
    },
  }
}

export interface Synced {
  readonly error: number
  readonly assigned: readonly number[]
}

export function syncGroupRequest(topic: string, member: GroupMember, shares: Assignment): WireRequest<Synced> {
  return {
    ...wireVersions.syncGroup,
    encode: out => {
      out.string(member.group).i32(member.generation).string(member.memberId).string(null)
      out.array([...shares], ([id, partitions]) => out.string(id).bytes(assignment(topic, partitions)))
    },
    decode: from => {
      from.i32()
      const error = from.i16()
      return { error, assigned: assignedOf(from.bytes()) }
    },
  }
}

export interface Answered {
  readonly error: number
}

export function heartbeatRequest(member: GroupMember): WireRequest<Answered> {
  return {
    ...wireVersions.heartbeat,
    encode: out => out.string(member.group).i32(member.generation).string(member.memberId).string(null),
    decode: from => {
      from.i32()
      return { error: from.i16() }
    },
  }
}

export function leaveGroupRequest(member: GroupMember): WireRequest<Answered> {
  return {
    ...wireVersions.leaveGroup,
    encode: out => out.string(member.group).string(member.memberId),
    decode: from => {
      from.i32()
      return { error: from.i16() }
    },
  }
}

/** Outside of a group (`memberId` empty, generation -1) the broker takes offsets only while the group has no members. */
export function offsetCommitRequest(topic: string, member: GroupMember, offsets: ReadonlyMap<number, number>): WireRequest<Answered> {
  return {
    ...wireVersions.offsetCommit,
    encode: out => {
      out.string(member.group).i32(member.generation).string(member.memberId).i32(1).string(topic)
      out.array([...offsets], ([partition, offset]) => out.i32(partition).i64(offset).string(null))
    },
    decode: from => {
      from.i32()
      const errors = from.array(() => {
        from.string()
        return from.array(() => {
          from.i32()
          return from.i16()
        })
      })
      return { error: errors.flat().find(error => error !== 0) ?? 0 }
    },
  }
}

/** Kafka's ConsumerProtocolSubscription and -Assignment, version 0, so that Kafka's own tools can show the group. */
function subscription(topic: string, generation: number, owned: readonly Held[]): Buffer {
  const claim = new ByteWriter(64)
  claim.i32(generation).array(owned, ({ partition, since }) => claim.i32(partition).i32(since))
  const out = new ByteWriter(128)
  return out
    .i16(0)
    .array([topic], name => out.string(name))
    .bytes(claim.buffer).buffer
}

function claimant(id: string, metadata: Buffer | null): Claimant {
  if (metadata === null) return { id, generation: -1, owned: [] }
  const from = new ByteReader(metadata)
  from.i16()
  from.array(() => from.string())
  const claim = from.bytes()
  if (claim === null || claim.length === 0) return { id, generation: -1, owned: [] }
  const claimed = new ByteReader(claim)
  return { id, generation: claimed.i32(), owned: claimed.array(() => ({ partition: claimed.i32(), since: claimed.i32() })) }
}

function assignment(topic: string, partitions: readonly number[]): Buffer {
  const out = new ByteWriter(64)
  return out
    .i16(0)
    .array([partitions], list => out.string(topic).array(list, partition => out.i32(partition)))
    .bytes(Buffer.alloc(0)).buffer
}

/** The partitions of an assignment as `assignment` writes it. */
export function assignedOf(bytes: Buffer | null): number[] {
  if (bytes === null || bytes.length === 0) return []
  const from = new ByteReader(bytes)
  from.i16()
  const lists = from.array(() => {
    from.string()
    return from.array(() => from.i32())
  })
  return lists.flat().sort((a, b) => a - b)
}
