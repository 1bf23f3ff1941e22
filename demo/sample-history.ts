import { gzipSync } from 'node:zlib'
import type { Kind } from '../schemas/event.js'
import type { RefusalCode } from '../schemas/refusal.js'
import { makeRandom, type Random } from './random.js'
import { type Course, makeCourse } from './sample-course.js'
import type { Sample } from './sample-statements.js'
import { visitStatements } from './sample-visit.js'
import { spoil } from './spoilt-lines.js'

/** The same options give the same bytes. */
export interface SampleOptions {
  readonly seed?: number
  /** Good statements, each told once; repeats, spoilt and blank lines come on top. */
  readonly statements: number
  /** Share of them that a later object has again. */
  readonly repeats?: number
  /** Lines that cannot be used: all ten kinds of damage, one after the other. */
  readonly spoilt?: number
  readonly blank?: number
  readonly sections?: number
  /** Of each host. Two hosts have the same sections and the same user ids, and mean different people. */
  readonly learners?: number
  readonly hosts?: number
  readonly linesPerObject?: number
  /** Every so many objects one is compressed; 0 = none. */
  readonly gzipEvery?: number
}

export interface SampleObject {
  readonly key: string
  readonly body: Buffer
}

/** What must come out, whatever happens on the way. */
export interface SampleExpected {
  readonly lines: number
  readonly blank: number
  /** Statements by kind, repeats not counted. */
  readonly events: Readonly<Partial<Record<Kind, number>>>
  /** Facts inside of statements that become events of their own (`experiment_attribution`). */
  readonly derived: number
  readonly duplicates: number
  /** One per host, section and name. */
  readonly learners: number
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>
}

const termStart = Date.UTC(2024, 8, 2, 8)
const termMs = 100 * 24 * 3600 * 1000

/** All at once; `sampleObjects` for more than memory holds. */
export function sampleHistory(options: SampleOptions): { readonly objects: readonly SampleObject[]; readonly expected: SampleExpected } {
  const objects: SampleObject[] = []
  const made = sampleObjects(options)
  for (let next = made.next(); ; next = made.next()) {
    if (next.done === true) return { objects, expected: next.value }
    objects.push(next.value)
  }
}

/**
 * Torus's uploads of one term, object by object: users mixed, lines out of event order, no last newline, some compressed.
 * What must come out of them is the generator's return value.
 */
export function* sampleObjects(options: SampleOptions): Generator<SampleObject, SampleExpected, void> {
  const { statements, repeats = 0.01, spoilt = 10, blank = 3, sections = 3, learners = 200, hosts = 1 } = options
  const random = makeRandom(options.seed ?? 1)
  const course = makeCourse(random)
  const uploads = new Uploads(random, options)
  const events: Partial<Record<Kind, number>> = {}
  const people = new Set<string>()
  let made = 0
  let repeated = 0
  const spoiler = makeSpoiler(course, random, spoilt)
  for (let number = 0; made < statements; number++) {
    const learner = random.int(0, learners - 1)
    const section = 145 + (learner % sections)
    const host = hostOf(random.int(0, hosts - 1))
    const at = termStart + Math.floor((made / statements) * termMs) + random.int(0, 30_000)
    for (const sample of visitStatements(course, { host, learner: 4_200 + learner, section, at, number }, random)) {
      if (made === statements) break
      const again = Math.floor((made + 1) * repeats) > repeated
      if (again) repeated++
      made++
      events[sample.kind] = (events[sample.kind] ?? 0) + 1
      people.add(`${host}|${learner}`)
      uploads.add(section, sample, again)
      while (spoiler.due(made / statements))
        uploads.addSpoilt(section, spoiler.next({ host, learner: 4_200 + learner, section, at, number }))
      if (uploads.blanks < blank && made / statements > (uploads.blanks + 0.5) / blank) uploads.addBlank(section, sample)
      yield* uploads.full(at)
    }
  }
  yield* uploads.rest(termStart + termMs)
  const lines = made + repeated + uploads.blanks + spoiler.made()
  const derived = events.experiment_condition_assigned ?? 0
  return { lines, blank: uploads.blanks, events, derived, duplicates: repeated, learners: people.size, refused: spoiler.refused }
}

const hostOf = (n: number) => (n === 0 ? 'proton.example.org' : `host${n + 1}.example.org`)

function makeSpoiler(course: Course, random: Random, wanted: number) {
  const refused: Partial<Record<RefusalCode, number>> = {}
  let made = 0
  return {
    refused,
    made: () => made,
    due: (share: number) => made < wanted && share >= (made + 0.5) / wanted,
    next(visit: Parameters<typeof visitStatements>[1]): Buffer {
      const part = visitStatements(course, visit, random).find(({ kind }) => kind === 'part_attempt')!
      const { code, line } = spoil(part.line, made++)
      refused[code] = (refused[code] ?? 0) + 1
      return line
    },
  }
}

/** The lines of one object to be. */
interface Batch {
  lines: (string | Buffer)[]
  /** For the next object. */
  later: string[]
  blanks: number
}

/** Gathers lines per section and category, as Torus's uploader does. */
class Uploads {
  blanks = 0
  private readonly batches = new Map<string, Batch>()
  private readonly linesPerObject: number
  private readonly gzipEvery: number
  private made = 0
  private readonly due: string[] = []

  constructor(
    private readonly random: Random,
    { linesPerObject = 400, gzipEvery = 4 }: SampleOptions,
  ) {
    this.linesPerObject = linesPerObject
    this.gzipEvery = gzipEvery
  }

  add(section: number, { category, line }: Sample, again: boolean): void {
    const place = `section/${section}/${category}`
    const batch = this.batch(place)
    batch.lines.push(line)
    if (again) batch.later.push(line)
    if (batch.lines.length >= this.linesPerObject) this.due.push(place)
  }

  addSpoilt(section: number, line: Buffer): void {
    this.batch(`section/${section}/attempt_evaluated`).lines.push(line)
  }

  addBlank(section: number, { category }: Sample): void {
    this.batch(`section/${section}/${category}`).blanks++
    this.blanks++
  }

  *full(now: number): Generator<SampleObject, void, void> {
    for (const place of this.due.splice(0)) yield this.close(place, now)
  }

  /** The last objects, and after them those with the last repeats. */
  *rest(now: number): Generator<SampleObject, void, void> {
    for (let round = 0; round < 2; round++)
      for (const [place, { lines }] of this.batches) if (lines.length > 0) yield this.close(place, now + round * 3_600_000)
  }

  private batch(place: string): Batch {
    const batch = this.batches.get(place) ?? { lines: [], later: [], blanks: 0 }
    this.batches.set(place, batch)
    return batch
  }

  private close(place: string, now: number): SampleObject {
    const { random } = this
    const { lines, later, blanks } = this.batch(place)
    this.batches.set(place, { lines: later, later: [], blanks: 0 })
    random.shuffle(lines)
    // Never at the end: what follows the last newline is no line.
    for (let i = 0; i < blanks; i++) lines.splice(random.int(0, lines.length - 1), 0, '')
    const time = `${new Date(now + 5_000).toISOString().slice(0, -1).replace(/:/g, '-')}${String(random.int(0, 999)).padStart(3, '0')}Z`
    const key = `${place}/${time}_${random.hex(4).toUpperCase()}.jsonl`
    const gzip = this.gzipEvery > 0 && this.made++ % this.gzipEvery === this.gzipEvery - 1
    const body = joined(lines)
    return gzip ? { key: `${key}.gz`, body: gzipped(body) } : { key, body }
  }
}

function joined(lines: readonly (string | Buffer)[]): Buffer {
  if (lines.every(line => typeof line === 'string')) return Buffer.from(lines.join('\n'))
  return Buffer.concat(lines.flatMap((line, i) => [Buffer.from(i === 0 ? '' : '\n'), typeof line === 'string' ? Buffer.from(line) : line]))
}

/** Without the time and the operating system, which the header would tell. */
function gzipped(body: Buffer): Buffer {
  const packed = gzipSync(body, { level: 1 })
  packed.fill(0, 4, 8)
  packed[9] = 255
  return packed
}
