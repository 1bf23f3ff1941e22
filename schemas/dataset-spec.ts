import { z } from 'zod'
import { type DatasetKind, datasetKinds, fieldsOfEvents, isSnapshotKind, subTypes, usualFreshness } from './dataset-kinds.js'
import { normalHost } from './learner-key.js'
import { nearest } from './nearest.js'

/** Torus still sends these two spellings. */
const misspelt = new Map([
  ['part_attempt_evaluted', 'part_attempt_evaluated'],
  ['page_attempt_evaluted', 'page_attempt_evaluated'],
])

const comingKinds = ['datashop']
/** Names that people will bring from the old job. */
const oldNames = new Map([
  ['action', 'kind'],
  ['event_type', 'kind'],
  ['job_id', 'id'],
  ['project_id', 'enforce_project_id'],
])

const wholeNumber = (least: number, filled: number) => {
  const error = `must be a whole number, at least ${least}`
  return z.int({ error }).min(least, { error }).default(filled)
}
const text = z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' })
const idError = 'must be text or a whole number (very long numbers in quotes)'
const identifier = z.union([z.string().min(1, { error: idError }), z.int({ error: idError })], { error: idError }).transform(String)
const list = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' })
const filter = <T extends z.ZodType>(item: T) => list(item).min(1, { error: 'must not be empty (leave it out to select all)' })
const instant = z
  .string({ error: 'must be a date or an instant in quotes' })
  .refine(value => instantMicros(value) !== null, {
    error: 'must be a date (2024-09-01) or an instant with its zone (2024-09-01T08:00:00Z)',
  })
  .transform(value => instantText(instantMicros(value) ?? 0))

/**
 * What a researcher asks for: which events, which columns, which privacy. `datasets` holds its canonical JSON, so an unchanged spec is
 * recognised by its text. Ids are text, `null` = not given (an absent filter selects all).
 */
const shape = {
  id: z.string({ error: 'must be text' }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
    error: 'must be 1 to 128 letters, digits, dots, dashes or underscores and begin with a letter or digit',
  }),
  kind: z.enum(datasetKinds, {
    error: ({ input }) => (comingKinds.includes(String(input)) ? 'is not there yet' : `must be one of ${datasetKinds.join(', ')}`),
  }),
  section_ids: filter(identifier).transform(asSet).nullable().default(null),
  host: text.transform(normalHost).nullable().default(null),
  page_ids: z.preprocess(given => (given === 'all' ? null : given), filter(identifier).transform(asSet).nullable().default(null)),
  sub_types: filter(text.transform(name => misspelt.get(name) ?? name))
    .transform(asSet)
    .nullable()
    .default(null),
  ignored_student_ids: list(identifier).transform(asSet).default([]),
  enforce_project_id: identifier.nullable().default(null),
  from: instant.nullable().default(null),
  to: instant.nullable().default(null),
  exclude_fields: list(text).transform(asSet).default([]),
  format: z.literal('csv', { error: 'must be csv' }).default('csv'),
  chunk_size: wholeNumber(1, 50_000),
  dialect: z.enum(['torus', 'plain'], { error: 'must be torus or plain' }).default('plain'),
  freshness: wholeNumber(1, 10),
  anonymize: z
    .union([z.literal(true), z.literal('ids')], {
      error: ({ input }) => (input === false ? 'needs a lookup, which is not there yet' : 'must be true or "ids"'),
    })
    .default(true),
}
type Key = keyof typeof shape
const keys = Object.keys(shape) as Key[]

export const datasetSpecSchema = z.strictObject(shape)
export type DatasetSpec = Readonly<z.output<typeof datasetSpecSchema>>

export interface SpecContext {
  /** Columns of each kind: what `exclude_fields` may name. */
  readonly fields: Readonly<Record<DatasetKind, readonly string[]>>
  /** Of `chunk_size`; absent = what was applied once stays readable. */
  readonly leastChunkSize?: number
}

/** What people may ask for: every file is an upload, a record and a line of each manifest, and the uploads of a sink are shared by its datasets. */
export const leastChunkSize = 1_000

export type ParsedSpec = { readonly ok: true; readonly spec: DatasetSpec } | { readonly ok: false; readonly problems: string[] }

/** All mistakes at once, each with its path: every field is parsed alone, so that one mistake hides no other. */
export function parseDatasetSpec(value: unknown, context: SpecContext): ParsedSpec {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, problems: ['the spec must be a mapping of names to values'] }
  const given = value as Record<string, unknown>
  const problems = Object.keys(given).flatMap(unknownKey)
  const parsed: Partial<Record<Key, unknown>> = {}
  for (const key of keys) {
    const input = Object.hasOwn(given, key) ? (given[key] ?? undefined) : undefined
    const result = shape[key].safeParse(input)
    if (result.success) parsed[key] = result.data
    else if (input === undefined) problems.push(`${key}: is missing`)
    else problems.push(...result.error.issues.map(issue => mistake(key, issue, input)))
  }
  const spec = parsed as Partial<DatasetSpec>
  problems.push(...fieldProblems(spec.kind, names(given.exclude_fields), context), ...subTypeProblems(spec.kind, names(given.sub_types)))
  if (spec.from && spec.to && instantMicros(spec.from)! >= instantMicros(spec.to)!)
    problems.push(`to: must be later than from, since the end itself is not selected (given: ${spec.to})`)
  const { leastChunkSize = 1 } = context
  if (spec.chunk_size !== undefined && spec.chunk_size < leastChunkSize)
    problems.push(`chunk_size: must be at least ${leastChunkSize}, since every file is an upload (given: ${spec.chunk_size})`)
  problems.push(...snapshotProblems(spec, given))
  if (problems.length > 0) return { ok: false, problems }
  const ignoresSubTypes = subTypes[spec.kind!].length === 0
  const freshness = typeof given.freshness === 'number' ? spec.freshness! : usualFreshness(spec.kind!)
  return { ok: true, spec: { ...(spec as DatasetSpec), freshness, ...(ignoresSubTypes && { sub_types: null }) } }
}

/** Equal for equal requests. Filters that are not given are left out, so that a filter of a later release changes no dataset without it. */
export function canonicalSpec(spec: DatasetSpec): string {
  return JSON.stringify(Object.fromEntries(keys.filter(key => spec[key] !== null).map(key => [key, spec[key]])))
}

function unknownKey(key: string): string[] {
  if (keys.some(known => known === key)) return []
  if (key === 'lookup') return ['lookup: is not there yet']
  const name = oldNames.get(key) ?? nearest(key, keys)
  return [`${key}: is not a field of a dataset spec${name === undefined ? '' : ` (did you mean ${name}?)`}`]
}

/** The texts of a list, also of one with other mistakes. */
const names = (list: unknown) => (Array.isArray(list) ? list.filter(item => typeof item === 'string' && item !== '') : []) as string[]

function fieldProblems(kind: DatasetKind | undefined, excluded: readonly string[], { fields }: SpecContext): string[] {
  const known = kind === undefined ? [...new Set(Object.values(fields).flat())] : fields[kind]
  const unknown = excluded.filter(name => !known.includes(name))
  const problems = unknown.map(
    name => `exclude_fields: ${JSON.stringify(name)} is not a field of ${kind ?? 'any kind'}${meant(name, known)}`,
  )
  return known.every(name => excluded.includes(name)) ? [...problems, 'exclude_fields: leaves no column'] : problems
}

function subTypeProblems(kind: DatasetKind | undefined, given: readonly string[]): string[] {
  const known: readonly string[] = kind === undefined ? [] : subTypes[kind]
  const unknown = known.length === 0 ? [] : given.filter(name => !known.includes(misspelt.get(name) ?? name))
  return unknown.map(name => `sub_types: ${JSON.stringify(name)} is not one of ${kind}${meant(name, known)}`)
}

function snapshotProblems({ kind, ...spec }: Partial<DatasetSpec>, given: Readonly<Record<string, unknown>>): string[] {
  if (kind === undefined || !isSnapshotKind(kind)) return []
  const said = fieldsOfEvents.filter(key => (given[key] ?? undefined) !== undefined && spec[key] !== null)
  return said.map(key => `${key}: is not for ${kind}: its rows sum up all events of theirs`)
}

const meant = (name: string, known: readonly string[]) => {
  const near = nearest(name, known)
  return near === undefined ? ` (it has ${known.join(', ')})` : ` (did you mean ${near}?)`
}

function mistake(key: string, issue: { path: PropertyKey[]; message: string }, input: unknown): string {
  const value = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], input)
  const json = JSON.stringify(value) ?? String(value)
  const path = issue.path.map(step => `[${String(step)}]`).join('')
  return `${key}${path}: ${issue.message} (given: ${json.length > 60 ? `${json.slice(0, 60)}…` : json})`
}

/** Sets have no order: sorted (shorter first, so numbers stand in theirs) and without repeats, equal ones are equal text. */
function asSet(items: string[]): readonly string[] {
  return [...new Set(items)].sort((a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0))
}

const instantPattern = /^([1-9]\d{3})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?:Z|([+-])(\d\d):(\d\d)))?$/

/** Microseconds since 1970 of a date (its midnight, UTC) or an instant; null for anything else, such as the 30th of February. */
export function instantMicros(text: string): number | null {
  const match = instantPattern.exec(text)
  if (match === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(part => Number(part ?? 0))
  const midnight = Date.UTC(year, month - 1, day)
  if (new Date(midnight).toISOString().slice(0, 10) !== text.slice(0, 10) || hour > 23 || minute > 59 || second > 59) return null
  if (Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59) return null
  const offset = (match[8] === '-' ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0))
  const millis = midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000
  return millis * 1000 + Number((match[7] ?? '').padEnd(6, '0'))
}

/** `2024-09-02T18:24:00Z`, or with six digits where there is a fraction. Reckoned here: it is a third of the time that a `Date` takes. */
export function instantText(micros: number): string {
  const seconds = Math.floor(micros / 1e6)
  const day = Math.floor(seconds / 86_400)
  const second = seconds - day * 86_400
  const fraction = micros - seconds * 1e6
  const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
  return `${dayText(day)}T${time}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}Z`
}

const two = (n: number) => (n < 10 ? `0${n}` : `${n}`)

/** From days since 1970, by years that begin in March: then the leap day is the last, and lengths of months follow one rule. */
function dayText(day: number): string {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const inEra = shifted - era * 146_097
  const year = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365)
  const inYear = inEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const fromMarch = Math.floor((5 * inYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  return `${era * 400 + year + (month <= 2 ? 1 : 0)}-${two(month)}-${two(inYear - Math.floor((153 * fromMarch + 2) / 5) + 1)}`
}
