import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutants.js'

/** Makes the mistake in a tree. Nothing is written when one of its texts is not there exactly once. */
export function mutate(tree: string, { name, changes }: Mutant, write = writeFileSync): void {
  const texts = new Map<string, string>()
  for (const { file, from, to } of changes) {
    const text = texts.get(file) ?? readFileSync(join(tree, file), 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} has changed, and "${name}" must be written anew: ${from}`)
    texts.set(
      file,
      text.replace(from, () => to),
    )
  }
  for (const [file, text] of texts) write(join(tree, file), text)
}
