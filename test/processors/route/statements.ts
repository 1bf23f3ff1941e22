import { readFileSync } from 'node:fs'
import { interpret } from '../../../processors/route/interpret.js'
import { edited } from '../../driver/edited.js'

const golden = (name: string) => JSON.parse(readFileSync(new URL(`../../golden/route/${name}`, import.meta.url), 'utf8'))

/** One statement of every kind and profile, by name. */
export const statements: Readonly<Record<string, string>> = golden('statements.json')

/** Every shape in which a kind occurs, as it is sent, by name: old ones, newer ones, those of other platforms. */
export const shapes: Readonly<Record<string, string>> = golden('shapes.json')

export const expectedIds: Readonly<Record<string, { kind: string; key: string; id: string; derived: string[] }>> = golden('ids.json')

export const oli = 'http://oli.cmu.edu/extensions/'
export const video = 'https://w3id.org/xapi/video/extensions/'

/** The event of a text; a refusal fails the test. */
export function accepted(text: string, assignedId?: string) {
  const result = interpret(Buffer.from(text), { assignedId })
  if (!result.ok) throw new Error(`refused: ${result.refusal.code} ${result.refusal.reason}`)
  return result
}

/** `code: reason` of a refused text, or `ok`. */
export function verdict(text: string | Buffer | null): string {
  const result = interpret(typeof text === 'string' ? Buffer.from(text) : text, {})
  return result.ok ? 'ok' : `${result.refusal.code}: ${result.refusal.reason}`
}

/** A statement with one value changed or, with undefined, left out. */
export const changed = (name: string, path: readonly string[], value: unknown): string => edited(statements[name]!, path, value)

export const context = (key: string) => ['context', 'extensions', `${oli}${key}`]
