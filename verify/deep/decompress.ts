import { gunzipSync } from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import lz4 from 'lz4-napi'
import snappy from 'snappyjs'

const framed = '82534e4150505900'

/** The records of a batch by the codec bits of its attributes: anyone may have written to `xapi`, with any of them. */
export function decompressed(codec: number, bytes: Buffer): Buffer {
  if (codec === 0) return bytes
  if (codec === 1) return gunzipSync(bytes)
  if (codec === 2) return unsnapped(bytes)
  if (codec === 3) return lz4.decompressFrameSync(bytes)
  if (codec === 4) return Buffer.from(unzstd(bytes))
  throw new RangeError(`compression ${codec} is not known`)
}

/** Java's frames: 16 bytes of head, then blocks behind their lengths. Other clients write one bare block. */
function unsnapped(bytes: Buffer): Buffer {
  if (bytes.toString('hex', 0, 8) !== framed) return Buffer.from(snappy.uncompress(bytes))
  const blocks: Uint8Array[] = []
  let at = 16
  while (at < bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at)
    blocks.push(snappy.uncompress(bytes.subarray(at + 4, end)))
    at = end
  }
  return Buffer.concat(blocks)
}
