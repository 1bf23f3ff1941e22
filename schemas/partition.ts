/**
 * Which partition a key belongs to: Kafka's own rule (murmur2 of the key, sign bit cleared, modulo), bit for bit as the
 * Java client. Frozen: another rule would send a learner's events to two partitions.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions
}

const seed = 0x9747b28c
const mix = 0x5bd1e995

/** Signed 32 bits, like Java's `Utils.murmur2`. */
export function murmur2(data: Uint8Array): number {
  const length = data.length
  let hash = seed ^ length
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    k = Math.imul(k, mix)
    k ^= k >>> 24
    hash = Math.imul(hash, mix) ^ Math.imul(k, mix)
  }
  const rest = length & 3
  if (rest === 3) hash ^= data[whole + 2]! << 16
  if (rest >= 2) hash ^= data[whole + 1]! << 8
  if (rest >= 1) hash = Math.imul(hash ^ data[whole]!, mix)
  hash ^= hash >>> 13
  hash = Math.imul(hash, mix)
  return hash ^ (hash >>> 15)
}
