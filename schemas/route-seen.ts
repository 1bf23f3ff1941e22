/** Bytes of one seen key: event day and 14 bytes of the event id. */
export const seenKeyBytes = 16

/**
 * Number of the rules by which events get their ids (`processors/route/event-id.ts`). What was seen by other rules says nothing about an
 * id of these: a repeat would be an event again. So route refuses such a log, and `reset` is the way from one number to the next.
 */
export const idRules = 2

const version = 2
const head = 1 + 2 + 8
/** Of a time when there was one set of rules, and no number of it. */
const first = { version: 1, idRules: 1, head: 1 + 8 } as const

/** A record of `route-seen`: what one transaction of route saw first, and where it stands after it. */
export interface RouteSeen {
  /** Next `xapi` offset. */
  readonly position: number
  /** By which the ids were made. */
  readonly idRules: number
  readonly keys: readonly Buffer[]
}

/** version (1 byte) · id rules (2, big endian) · position (8) · keys (16 each) */
export function encodeRouteSeen(position: number, keys: readonly Uint8Array[]): Buffer {
  const value = Buffer.allocUnsafe(head + keys.length * seenKeyBytes)
  value[0] = version
  value.writeUInt16BE(idRules, 1)
  value.writeBigUInt64BE(BigInt(position), 3)
  let at = head
  for (const key of keys) {
    if (key.length !== seenKeyBytes) throw new RangeError(`encoding route-seen: a key of ${key.length} bytes`)
    value.set(key, at)
    at += seenKeyBytes
  }
  return value
}

/** The keys are views into `value`. Version 1 (position and keys alone) is read too. */
export function decodeRouteSeen(value: Buffer): RouteSeen {
  const isFirst = value[0] === first.version
  const begin = isFirst ? first.head : head
  if ((!isFirst && value[0] !== version) || value.length < begin || (value.length - begin) % seenKeyBytes !== 0)
    throw new RangeError(`decoding route-seen: version ${value[0]}, ${value.length} bytes`)
  const keys: Buffer[] = []
  for (let at = begin; at < value.length; at += seenKeyBytes) keys.push(value.subarray(at, at + seenKeyBytes))
  const position = Number(value.readBigUInt64BE(begin - 8))
  return { position, idRules: isFirst ? first.idRules : value.readUInt16BE(1), keys }
}
