import { TributaryError } from '../../schemas/errors.js'
import { contentJson, type ShownRecord } from './shown-record.js'

export type RecordFilter = (record: ShownRecord) => boolean

/** The language, as `--help` tells it. */
export const filterHelp = `Terms of --filter, with blanks between them; all must hold:
  field=value  field!=value  field~part (contains, in any case)  field>value  field<value  field>=value  field<=value
  part         stands anywhere in key, headers or value
A field is named by the end of its path: section_id, account.name, headers.code, value.kind. Blanks and operators inside of a value: "quotes".`

type Operator = '=' | '!=' | '~' | '>' | '<' | '>=' | '<='
type Term = { readonly path: readonly string[]; readonly operator: Operator; readonly value: string } | { readonly anywhere: string }

/** `parseFilter('section=145 kind~attempt "wrong answer"')` */
export function parseFilter(text: string): RecordFilter {
  const terms = termsOf(text)
  return record => {
    let leaves: readonly Leaf[] | null = null
    return terms.every(term => {
      if ('anywhere' in term) return standsIn(record, term.anywhere)
      leaves ??= leavesOf(record)
      return holds(term, leaves)
    })
  }
}

const token = /\s*((?:[^\s"]|"(?:[^"\\]|\\.)*")+)/y
const comparison = /^([^\s"=!~<>]+)(!=|>=|<=|=|~|>|<)(.*)$/s

function termsOf(text: string): Term[] {
  const terms: Term[] = []
  let at = 0
  while (text.slice(at).trim() !== '') {
    token.lastIndex = at
    const found = token.exec(text)
    if (found === null) throw new TributaryError('WRONG_USAGE', `--filter has a quote that does not end: ${text.slice(at).trim()}`)
    at = token.lastIndex
    const [, field, operator, value] = comparison.exec(found[1]!) ?? []
    if (field === undefined) terms.push({ anywhere: unquoted(found[1]!).toLowerCase() })
    else terms.push({ path: field.split('.').filter(Boolean), operator: operator as Operator, value: unquoted(value!) })
  }
  if (terms.length === 0) throw new TributaryError('WRONG_USAGE', '--filter is empty')
  return terms
}

const unquoted = (text: string) => text.replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'))

function standsIn({ key, headers, content }: ShownRecord, part: string): boolean {
  // Bytes are mostly text with some damage: what can be read of them is looked at.
  const value = content.as === 'text' ? content.text : content.as === 'bytes' ? content.bytes.toString('utf8') : contentJson(content)
  return [key ?? '', ...Object.values(headers), value].some(text => text.toLowerCase().includes(part))
}

/** A place in the record, from its end: paths share their beginnings, so that deep nesting costs nothing. */
interface Step {
  readonly key: string
  readonly above: Step | null
}
interface Leaf {
  readonly at: Step | null
  readonly text: string
}

function leavesOf({ topic, partition, offset, timestamp, key, headers, content }: ShownRecord): readonly Leaf[] {
  const value: unknown = content.as === 'avro' ? content.value : JSON.parse(contentJson(content))
  const leaves: Leaf[] = []
  collect({ topic, partition, offset, appended: new Date(timestamp).toISOString(), key, headers, value }, leaves)
  return leaves
}

/** Items of a list are reached by the path of the list. Own stack: any nesting works. */
function collect(root: unknown, leaves: Leaf[]): void {
  const open: { value: unknown; at: Step | null }[] = [{ value: root, at: null }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, at } = next
    if (Array.isArray(value)) for (const item of value as unknown[]) open.push({ value: item, at })
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) open.push({ value: inner, at: { key, above: at } })
    else leaves.push({ at, text: String(value) })
  }
}

function holds({ path, operator, value }: Exclude<Term, { anywhere: string }>, leaves: readonly Leaf[]): boolean {
  const meant = leaves.filter(leaf => endsWith(leaf.at, path))
  if (operator === '!=') return meant.every(leaf => leaf.text !== value)
  return meant.some(leaf => compares(leaf.text, operator, value))
}

/** The last step of an IRI names its key: `section_id` is `http://oli.cmu.edu/extensions/section_id`. */
function endsWith(at: Step | null, path: readonly string[]): boolean {
  let step = at
  for (let i = path.length - 1; i >= 0; i--) {
    if (step === null || (step.key !== path[i] && !step.key.endsWith(`/${path[i]}`))) return false
    step = step.above
  }
  return true
}

function compares(text: string, operator: Exclude<Operator, '!='>, value: string): boolean {
  if (operator === '=') return text === value
  if (operator === '~') return text.toLowerCase().includes(value.toLowerCase())
  const [a, b] = [Number(text), Number(value)]
  const numbers = text !== '' && value !== '' && !Number.isNaN(a) && !Number.isNaN(b)
  const order = numbers ? a - b : text < value ? -1 : text > value ? 1 : 0
  if (operator === '>') return order > 0
  if (operator === '<') return order < 0
  return operator === '>=' ? order >= 0 : order <= 0
}
