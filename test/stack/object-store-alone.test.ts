import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify } from '../../stack/owned-process.js'
import { readObjectStore, readServices } from '../../stack/stack.js'
import { newState, withPart, writeState } from '../../stack/state.js'

const dataDir = mkdtempSync(join(tmpdir(), 'state-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

test('the object store of the local stack is found while it runs, whatever became of the others', () => {
  expect(readObjectStore(dataDir)).toBeNull()
  const part = { kind: 'x', version: '1', ports: { http: 21_007, client: 21_008 } }
  const running = { ...part, process: identify(process.pid)! }
  const gone = { ...part, process: { ...running.process, started: 'another time' } }
  const state = withPart(withPart(newState(), 's3', running), 'kafka', gone)
  writeState(dataDir, state)
  expect(readServices(dataDir)).toBeNull()
  expect(readObjectStore(dataDir)).toEqual({ endpoint: 'http://127.0.0.1:21007', region: 'us-east-1', ...state.credentials })
  for (const dead of [gone, { ...part, process: null }]) {
    writeState(dataDir, withPart(state, 's3', dead))
    expect(readObjectStore(dataDir)).toBeNull()
  }
})
