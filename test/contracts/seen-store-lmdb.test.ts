import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbSeenStore } from '../../runtime/state/lmdb-seen-store.js'
import { seenStoreContract } from './seen-store.js'

const folder = mkdtempSync(join(tmpdir(), 'seen-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let opened = 0

seenStoreContract(
  'lmdb',
  () => lmdbSeenStore(join(folder, String(++opened))),
  async store => {
    await store.close()
    return lmdbSeenStore(join(folder, String(opened)))
  },
)
