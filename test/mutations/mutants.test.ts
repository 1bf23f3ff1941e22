import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from '@swc/core'
import { mutants } from './mutants.js'
import { mutate } from './mutate.js'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Mutants are run at night; that they still are what they say is checked in every run. */
test.each(mutants.map(mutant => [mutant.name, mutant] as const))('%s: can be made of the code as it is', (_, mutant) => {
  const texts: string[] = []
  mutate(root, mutant, (_path, text) => void texts.push(String(text)))
  expect(texts.length).toBeGreaterThan(0)
  for (const text of texts) expect(() => parseSync(text, { syntax: 'typescript', target: 'es2022' })).not.toThrow()
  if (mutant.seenBy !== undefined) expect(existsSync(join(root, mutant.seenBy))).toBe(true)
})

test('names tell them apart', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})
