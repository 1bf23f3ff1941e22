import { readFileSync } from 'node:fs'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Readonly<Record<string, string>> }
/** Both need Node alone; `test/run.mjs` sets up before anything else. */
const setsUp = /^(([A-Z_]+=\S+ )*node test\/run\.mjs|\.\/tributary( |$))/

/** A fresh clone has no packages: a script that begins with `tsc` ends with "tsc: not found". */
test.each(Object.entries(scripts))('`npm run %s` sets up a fresh clone by itself', (_, line) => {
  expect(line).toMatch(setsUp)
})
