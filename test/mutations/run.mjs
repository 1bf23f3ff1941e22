/** `npm run test:mutations [-- part of a name]`: see mutations.nightly.ts. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const [part] = process.argv.slice(2)
const flags = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--runInBand']
const { status } = spawnSync(process.execPath, [...flags, 'test/mutations', ...(part === undefined ? [] : ['-t', part])], {
  cwd: root,
  env: { ...process.env, MUTATIONS: '1' },
  stdio: 'inherit',
})
process.exit(status ?? 1)
