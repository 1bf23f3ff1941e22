/** Bytes of one seen key: event day and 14 bytes of the event id. */
export const seenKeyBytes = 16

const version = 1
const head = 1 + 8

/** A record of `route-seen`: what one transaction of route saw first, and where it stands after it. */
export interface RouteSeen {
  /** Next `xapi` offset. */
  readonly position: number
  readonly keys: readonly Buffer[]
}

/** version (1 byte) · position (8, big endian) · keys (16 each) */
export function encodeRouteSeen(position: number, keys: readonly Uint8Array[]): Buffer {
  const value = Buffer.allocUnsafe(head + keys.length * seenKeyBytes)
  value[0] = version
  value.writeBigUInt64BE(BigInt(position), 1)
  let at = head
  for (const key of keys) {
    if (key.length !== seenKeyBytes) throw new RangeError(`encoding route-seen: a key of ${key.length} bytes`)
    value.set(key, at)
    at += seenKeyBytes
  }
  return value
}

/** The keys are views into `value`. */
export function decodeRouteSeen(value: Buffer): RouteSeen {
  if (value[0] !== version || (value.length - head) % seenKeyBytes !== 0 || value.length < head)
    throw new RangeError(`decoding route-seen: version ${value[0]}, ${value.length} bytes`)
  const keys: Buffer[] = []
  for (let at = head; at < value.length; at += seenKeyBytes) keys.push(value.subarray(at, at + seenKeyBytes))
  return { position: Number(value.readBigUInt64BE(1)), keys }
}
