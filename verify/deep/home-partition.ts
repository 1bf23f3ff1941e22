/** The partition of a key, by Kafka's rule for keys: murmur2 without its sign, modulo. */
export function homePartition(key: string, partitions: number): number {
  const bytes = Buffer.from(key)
  let hash = 0x9747b28c ^ bytes.length
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    const word = scrambled(bytes.readInt32LE(at))
    hash = Math.imul(hash, multiplier) ^ Math.imul(word ^ (word >>> 24), multiplier)
  }
  if (at < bytes.length) {
    hash ^= bytes.readUIntLE(at, bytes.length - at)
    hash = scrambled(hash)
  }
  hash = scrambled(hash ^ (hash >>> 13))
  return ((hash ^ (hash >>> 15)) & 0x7fffffff) % partitions
}

const multiplier = 0x5bd1e995
const scrambled = (word: number) => Math.imul(word, multiplier)
