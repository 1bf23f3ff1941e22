import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memberFile } from '../../../runtime/state/member-file.js'

const folder = mkdtempSync(join(tmpdir(), 'member-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('who died without leaving is known to the next, who left is not', () => {
  const first = memberFile(folder)
  expect(first.left).toBeNull()
  first.write('member-1')
  first.write('member-2')
  const second = memberFile(folder)
  expect(second.left).toBe('member-2')
  second.clear()
  expect(memberFile(folder).left).toBeNull()
})
