import { crc32c } from '@node-rs/crc32'
import { parseObject } from '../../schemas/json-value.js'

/** Of the header's text; the entries have no version but `layout`. */
const format = 1
const checksumBytes = 4

/** What a store was made for. With any other value its contents say nothing about the task. */
export interface StoreIdentity {
  /** Of the task: its transactional id names prefix, role, generation and partition. */
  readonly store: string
  /** Of keys, values and position, as the role lays them out: a release that lays them out anew counts on. */
  readonly layout: number
  readonly cluster: string
  /** Topic ids by name, of the changelog and of all that the position speaks of: a topic made anew has another id. */
  readonly topics: Readonly<Record<string, string>>
}

export interface StoreOwner {
  readonly producerId: number
  readonly epoch: number
}

/** What the last merge left beside the entries, in the same atomic write. */
export interface StoreHeader extends StoreIdentity, StoreOwner {
  /** Of the task in its input, as JSON: one offset, or several, whatever the role counts with. */
  readonly position: unknown
  /** Next offset of the changelog to restore from. */
  readonly changelog: number
  /** ms since 1970. */
  readonly mergedAt: number
}

/** CRC-32C (4 bytes, big endian) · JSON */
export function encodeHeader(header: StoreHeader): Buffer {
  const text = Buffer.from(JSON.stringify({ format, ...header }))
  const bytes = Buffer.allocUnsafe(checksumBytes + text.length)
  bytes.writeUInt32BE(crc32c(text), 0)
  text.copy(bytes, checksumBytes)
  return bytes
}

/** A text when there is no telling what the bytes say. */
export function decodeHeader(bytes: Buffer): StoreHeader | string {
  if (bytes.length < checksumBytes) return `its header has ${bytes.length} bytes`
  const text = bytes.subarray(checksumBytes)
  if (crc32c(text) !== bytes.readUInt32BE(0)) return 'the checksum of its header does not fit'
  const { format: written, ...header } = parseObject(text.toString()) ?? {}
  if (written !== format) return `its header has format ${written}, not ${format}`
  return header as unknown as StoreHeader
}
