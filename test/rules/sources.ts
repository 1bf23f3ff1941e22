import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseSync } from '@swc/core'

/** What the rules look at in one source file. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** Names of language features and globals: `async`, `await`, `process.env`, `Date.now`, `new Date()`, `console`, …; `.now` = of a wall clock. */
  readonly uses: ReadonlySet<string>
}

export interface Import {
  /** A file of the project (`schemas/event.ts`), or a package (`kafkajs`, `node:fs`). */
  readonly from: string
  readonly own: boolean
  /** Types vanish when compiled: they cannot do anything. */
  readonly typeOnly: boolean
}

const skipped = /^(node_modules|dist.*|docs|\..*)$/

/** All TypeScript of the project, read once. */
export const sources: readonly Source[] = filesBelow('').map(readSource)

function filesBelow(folder: string): string[] {
  return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true }).flatMap(entry => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return skipped.test(entry.name) ? [] : filesBelow(path)
    return path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : []
  })
}

function readSource(path: string): Source {
  const text = readFileSync(path, 'utf8')
  const { imports, uses } = facts(text, path)
  return { path, text, imports, uses }
}

/** Exported for the rules' own test. */
export function facts(text: string, path: string): { readonly imports: readonly Import[]; readonly uses: ReadonlySet<string> } {
  const imports: Import[] = []
  const uses = new Set<string>()
  visit(parseSync(text, { syntax: 'typescript', target: 'es2022' }), node => {
    const source = importedFrom(node)
    if (source !== null) imports.push({ ...resolved(source, path), typeOnly: isTypeOnly(node) })
    for (const used of usedBy(node)) uses.add(used)
  })
  return { imports, uses }
}

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

function visit(value: unknown, onNode: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) visit(item, onNode)
    return
  }
  if (typeof (value as Node).type === 'string') onNode(value as Node)
  for (const child of Object.values(value)) visit(child, onNode)
}

function literal(node: unknown): unknown {
  return (node as { value?: unknown } | null | undefined)?.value
}

function importedFrom(node: Node): string | null {
  if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) return (literal(node.source) as string | undefined) ?? null
  if (node.type === 'CallExpression' && (node.callee as Node).type === 'Import')
    return literal((node.arguments as { expression: unknown }[])[0]?.expression) as string
  if (node.type === 'TsImportType') return literal(node.argument) as string
  return null
}

function isTypeOnly(node: Node): boolean {
  if (node.typeOnly === true || node.type === 'TsImportType') return true
  const specifiers = (node.specifiers ?? []) as { isTypeOnly?: boolean }[]
  return specifiers.length > 0 && specifiers.every(specifier => specifier.isTypeOnly === true)
}

function resolved(source: string, path: string): Pick<Import, 'from' | 'own'> {
  if (!source.startsWith('.')) return { from: source, own: false }
  return { from: posix.join(posix.dirname(path), source).replace(/\.js$/, '.ts'), own: true }
}

/** Of `clock`, `deps.clock` and `this.#clock` it is `clock`. */
function lastName(value: unknown): string {
  const { type, property, value: name } = value as { type?: string; property?: unknown; value?: unknown }
  return type === 'MemberExpression' ? lastName(property) : String(name ?? (value as { id?: { value?: string } }).id?.value)
}

function usedBy(node: Node): string[] {
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && (node.isAwait ?? node.await))) return ['await']
  if (node.async === true) return ['async']
  if (node.type === 'MemberExpression') {
    const [object, property] = [node.object, node.property] as { type: string; value?: string }[]
    const wall = property?.value === 'now' && /^(date|#?clock|systemClock)$/i.test(lastName(node.object)) ? ['.now'] : []
    if (object?.type === 'Identifier' && property?.type === 'Identifier')
      return [`${object.value}`, `${object.value}.${property.value}`, ...wall]
    return object?.type === 'Identifier' ? [`${object.value}`] : wall
  }
  if (node.type === 'NewExpression' && literal(node.callee) === 'Date' && (node.arguments as unknown[] | null)?.length === 0)
    return ['new Date()']
  if (node.type === 'CallExpression' && (node.callee as Node).type === 'Identifier') return [`${literal(node.callee)}()`]
  if (node.type === 'TsKeywordType' && node.kind === 'any') return ['any']
  return []
}
