import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'golden', 'sinks')

export function readGolden(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Byte for byte; `UPDATE_GOLDEN=1` writes what came instead, to be reviewed in the diff. */
export function expectGolden(path: string, text: string): void {
  const file = join(root, path)
  if (process.env.UPDATE_GOLDEN === '1' || !existsSync(file)) {
    if (process.env.CI) throw new Error(`golden file ${path} is missing`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  expect(text).toBe(readGolden(path))
}
