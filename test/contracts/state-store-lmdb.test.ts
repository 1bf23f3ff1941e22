import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, silentLogger } from '../../runtime/logger.js'
import { lmdbStateStore } from '../../runtime/state/lmdb-state-store.js'
import { stateStoreContract } from './state-store.js'

const folder = mkdtempSync(join(tmpdir(), 'state-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let opened = 0

/** A store in order is never taken for a damaged one. */
const strict: Logger = {
  ...silentLogger,
  warn(_, text) {
    throw new Error(text)
  },
}

const open = () => lmdbStateStore(join(folder, String(opened)), strict)
stateStoreContract(
  'lmdb',
  () => {
    opened++
    return open()
  },
  open,
)
