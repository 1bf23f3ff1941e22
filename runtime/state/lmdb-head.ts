import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Of LMDB's meta pages, the first two of the file: `MDB_meta` behind a page header. */
const at = { magic: 24, version: 28, pageBytes: 48, lastPage: 144, transaction: 152, end: 160 }
const magic = 0xbeefc0de
const version = 2

/** The newer of the two meta pages says how long the file must be. An empty or absent file is a new store. */
export function whyNotOpened(file: string): string | null {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return null
  }
  try {
    const { size } = fstatSync(fd)
    if (size === 0) return null
    const first = readMeta(fd, 0)
    const metas = [first, first === null ? null : readMeta(fd, first.pageBytes)].filter(meta => meta !== null)
    if (metas.length < 2) return `its data file of ${size} bytes does not begin as one of LMDB does`
    const newest = metas.reduce((a, b) => (b.transaction > a.transaction ? b : a))
    const needed = (newest.lastPage + 1) * newest.pageBytes
    return size < needed ? `its data file has ${size} bytes of ${needed}` : null
  } finally {
    closeSync(fd)
  }
}

function readMeta(fd: number, offset: number) {
  const page = Buffer.alloc(at.end)
  if (readSync(fd, page, 0, page.length, offset) < page.length) return null
  if (page.readUInt32LE(at.magic) !== magic || page.readUInt32LE(at.version) !== version) return null
  const [lastPage, transaction] = [at.lastPage, at.transaction].map(field => Number(page.readBigUInt64LE(field)))
  return { pageBytes: page.readUInt32LE(at.pageBytes), lastPage: lastPage!, transaction: transaction! }
}
