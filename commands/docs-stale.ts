import { pages, parts } from './docs-pages.js'

/** A file of which something is not what the tables in the code say. */
export interface StaleFile {
  readonly path: string
  /** What is stale of it: the file itself, or the parts by name. */
  readonly what: string
  /** The file as it should be. */
  readonly text: string
}

/** Compares what is there with what the code says. `read` gives the text of a file below the package root, null = there is none. */
export function staleDocs(read: (path: string) => string | null): readonly StaleFile[] {
  const whole = Object.entries(pages).flatMap(([path, text]) => (read(path) === text ? [] : [{ path, what: path, text }]))
  const partly = Object.entries(parts).flatMap(([path, texts]) => {
    let text = read(path) ?? ''
    const stale = Object.entries(texts).filter(([name, wanted]) => {
      const before = text
      text = withPart(path, text, name, wanted)
      return text !== before
    })
    return stale.length === 0 ? [] : [{ path, what: `${path} (${stale.map(([name]) => name).join(', ')})`, text }]
  })
  return [...whole, ...partly]
}

function withPart(path: string, page: string, name: string, text: string): string {
  const begin = `<!-- begin ${name}: written by \`npm run docs\` -->\n`
  const end = `<!-- end ${name} -->\n`
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${path} has no place for ${name}: the lines\n${begin}${end}say where it goes`)
  return `${page.slice(0, from)}${begin}\n${text}\n${page.slice(to)}`
}
