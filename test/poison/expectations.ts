import Papa from 'papaparse'
import { readManifest } from '../../runtime/datasets/read.js'
import { headerText } from '../../runtime/log.js'
import { parseDatasetSpec } from '../../schemas/dataset-spec.js'
import type { Event } from '../../schemas/event.js'
import { headers } from '../../schemas/headers.js'
import { refusalCodes } from '../../schemas/refusal.js'
import { eventTopicIds, topicOfKind } from '../../schemas/topics.js'
import { type EventFormat, fieldNames, isSnapshot, type Renderer } from '../../sinks/format.js'
import { topology } from '../../topology.js'
import { deadLettersOf, recordsOf, rowsOf } from '../driver/results.js'
import type { World } from '../driver/world.js'
import type { Fate } from './poison.js'

const isRefusal = (fate: Fate) => fate in refusalCodes

/** Exactly these are in the dead letters, each once; what they say fits into a line and tells nothing of what was in the statement. */
export async function expectLetters(
  world: World,
  { lines, records }: { readonly lines: readonly (readonly [place: string, fate: Fate])[]; readonly records: readonly Fate[] },
): Promise<void> {
  const letters = await deadLettersOf(world)
  const places = new Set(lines.map(([place]) => place))
  const [ofLines, ofRecords] = [letters.filter(({ source }) => places.has(source)), letters.filter(({ source }) => !places.has(source))]
  const wanted = lines.filter(([, fate]) => isRefusal(fate)).map(([place, fate]) => `${place} ${fate}`)
  expect(ofLines.map(({ source, code }) => `${source} ${code}`).sort()).toEqual(wanted.sort())
  expect(ofRecords.map(({ code }) => code).sort()).toEqual(records.filter(isRefusal).sort())
  expect(letters.map(({ reason }) => reason).filter(reason => !/^[\w .,:;/()-]{8,160}$/.test(reason))).toEqual([])
}

/** Exactly these events are in their topics, each once. */
export async function expectEvents(world: World, events: readonly Event[]): Promise<void> {
  for (const topic of eventTopicIds) {
    const records = (await recordsOf(world, topic)).filter(record => headerText(record, headers.marker) === undefined)
    const wanted = events.filter(({ kind }) => topicOfKind[kind] === topic).map(({ id }) => id)
    expect(records.map(record => headerText(record, headers.id)).sort()).toEqual(wanted.sort())
    expect(Math.max(...records.flatMap(record => record.headers.map(([, value]) => value.length)))).toBeLessThanOrEqual(4096)
  }
}

/** Exactly their rows are in the datasets, and a reader of CSV that knows nothing of ours finds as many, with as many cells. */
export async function expectRows(world: World, events: readonly Event[]): Promise<void> {
  const { store, config } = world.services
  for (const format of topology.formats) {
    const manifest = await readManifest(world.services, format.kind)
    if (manifest === null || isSnapshot(format)) continue
    const renderer = rendererOf(format)
    const wanted = events.filter(event => renderer.accepts(event)).map(event => Buffer.from(renderer.row(event)).toString().slice(0, -1))
    const { rows } = await rowsOf(world, format.kind)
    wanted.sort()
    expect([format.kind, rows.length]).toEqual([format.kind, wanted.length])
    expect(rows.findIndex((row, i) => row !== wanted[i])).toBe(-1)
    for (const file of manifest.files) {
      const body = await store.get(config.datasetsBucket, file.key)
      const { data, errors } = Papa.parse<string[]>(body!.toString(), { delimiter: ',', newline: '\n' })
      // The head, and nothing behind the last line end.
      expect([file.key, errors, data.length - 2]).toEqual([file.key, [], file.rows])
      expect(data.slice(0, -1).filter(row => row.length !== renderer.columns.length)).toEqual([])
    }
  }
}

function rendererOf(format: EventFormat): Renderer<Event> {
  const fields = fieldNames(topology.formats)
  const parsed = parseDatasetSpec({ id: format.kind, kind: format.kind, anonymize: 'ids' }, { fields })
  if (!parsed.ok) throw new Error(parsed.problems.join())
  return format.render(parsed.spec, (_host, name) => name)
}
