import { gunzipSync, gzipSync } from 'node:zlib'
import { Decompress } from 'fzstd'
import lz4 from 'lz4-napi'
import snappy from 'snappyjs'
import { lz4Exceeds, zstdWindowExceeds } from './unpacked-size.js'

/** What we write. Everything Kafka knows is read. */
export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4'

/** The codec bits of a record batch's attributes. */
export const codecBits: Readonly<Record<Codec, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3 }

/**
 * Anyone may write to `xapi`, and 5 MiB of any codec can be gigabytes: what is larger than this when unpacked is an error of its partition
 * instead of the end of the process, again and again. The real size counts, and also what a message says of itself: decoders allocate it.
 */
const mostUnpackedBytes = 256 << 20
/** As zstd's own decoder has it. */
const mostWindowBytes = 128 << 20

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])

export function compress(codec: Exclude<Codec, 'none'>, bytes: Buffer): Uint8Array {
  switch (codec) {
    case 'gzip':
      // Level 1: on statements it is twice as fast as the default for a tenth more bytes.
      return gzipSync(bytes, { level: 1 })
    case 'snappy':
      return snappy.compress(bytes)
    case 'lz4':
      return lz4.compressFrameSync(bytes)
  }
}

/** Undefined when the codec is not known: the caller names the batch. */
export function decompress(bits: number, bytes: Buffer): Buffer | undefined {
  switch (bits) {
    case 0:
      return bytes
    case 1:
      return gunzipSync(bytes, { maxOutputLength: mostUnpackedBytes })
    case 2:
      return unsnappy(bytes)
    case 3:
      if (lz4Exceeds(bytes, mostUnpackedBytes)) throw tooLarge()
      return lz4.decompressFrameSync(bytes)
    case 4:
      return unzstd(bytes)
    default:
      return undefined
  }
}

/** Java writes snappy in Xerial's framing (magic, two versions, then length-prefixed blocks); librdkafka writes it bare. */
function unsnappy(bytes: Buffer): Buffer {
  // The decoder compares with what each block says of itself, before it allocates that.
  if (!bytes.subarray(0, 8).equals(xerialMagic)) return asBuffer(snappy.uncompress(bytes, mostUnpackedBytes))
  const blocks: Uint8Array[] = []
  let room = mostUnpackedBytes
  for (let at = 16; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    const block = snappy.uncompress(bytes.subarray(at + 4, end), room)
    blocks.push(block)
    room -= block.length
    at = end
  }
  return Buffer.concat(blocks)
}

function unzstd(bytes: Buffer): Buffer {
  if (zstdWindowExceeds(bytes, mostWindowBytes)) throw new RangeError(`a window of more than ${mostWindowBytes} bytes`)
  const parts: Uint8Array[] = []
  let size = 0
  const stream = new Decompress(part => {
    size += part.length
    if (size > mostUnpackedBytes) throw tooLarge()
    parts.push(part)
  })
  stream.push(bytes, true)
  return parts.length === 1 ? asBuffer(parts[0]!) : Buffer.concat(parts)
}

const tooLarge = () => new RangeError(`more than ${mostUnpackedBytes} bytes`)

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
