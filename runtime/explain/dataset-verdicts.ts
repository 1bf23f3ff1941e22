import { learnerKey } from '../../schemas/learner-key.js'
import type { Manifest } from '../../schemas/manifest.js'
import type { EventTopicId } from '../../schemas/topics.js'
import type { SnapshotFormat, SnapshotRow } from '../../sinks/format.js'
import { readManifest } from '../datasets/read.js'
import { joinedReach, revisionKey } from '../sink/sink-records.js'
import type { AppliedSpec } from '../spec-table.js'
import { type EventAt, rowsIn } from './event-at.js'
import type { Explaining } from './explaining.js'
import { filesOfLearner, tableReach } from './snapshot-files.js'

/** What a dataset makes of an event. */
export interface DatasetVerdict {
  readonly dataset: string
  readonly kind: string
  readonly revision: number
  /** What a row is made from: one event, or all of a learner or of a session. */
  readonly rowOf: 'event' | SnapshotRow['of']
  /** The filters that leave it out; none = it is selected. */
  readonly excludedBy: readonly string[]
  /**
   * Where its row is; null = it is left out, or in no file yet. In a snapshot the row has no number that would stay, and without the
   * pseudonym key `file` may be the folder of its partition, with a slash at the end.
   */
  readonly place: { readonly file: string; readonly row: number | null; readonly inManifest: boolean } | null
  /**
   * Next offset of the topic that the sink has not filed for this revision; of a snapshot, next offset of `xapi` that its rows do not have.
   * Set when the event is selected and in no file. Null beside no place: the event names no statement, so it cannot be told.
   */
  readonly filedUpTo: number | null
  /** The revision that the manifest shows while this one catches up; null = this one, or none is published. */
  readonly shown: number | null
}

export async function datasetVerdicts(e: Explaining, at: EventAt): Promise<readonly DatasetVerdict[]> {
  const verdicts: DatasetVerdict[] = []
  for (const applied of appliedSpecs(e)) verdicts.push(await verdictOf(e, applied, at))
  return verdicts
}

export const appliedSpecs = ({ tables }: Explaining): readonly AppliedSpec[] =>
  [...tables.specs.specs.values()].sort((a, b) => (a.spec.id < b.spec.id ? -1 : 1))

async function verdictOf(e: Explaining, applied: AppliedSpec, at: EventAt): Promise<DatasetVerdict> {
  const { spec, revision } = applied
  const rendering = e.render(spec)
  const manifest = await readManifest(e.services, spec.id)
  const shown = manifest !== null && manifest.revision !== revision ? manifest.revision : null
  const base = {
    dataset: spec.id,
    kind: spec.kind,
    revision,
    rowOf: rendering.is === 'states' ? rendering.format.row.of : ('event' as const),
    excludedBy: rendering.renderer.excludedBy(at.event),
    place: null,
    filedUpTo: null,
    shown,
  }
  if (base.excludedBy.length > 0) return base
  if (rendering.is === 'states') return { ...base, ...countedIn(e, applied, rendering.format, at, manifest) }
  if (!rendering.format.topics.includes(at.topic)) return base
  const file = fileOf(e, applied, at)
  if (file === null) return { ...base, filedUpTo: filedUpTo(e, applied, at.partition, at.topic) }
  let row = 0
  for await (const _ of rowsIn(
    e,
    { topic: at.topic, partition: at.partition, from: file.firstOffset, to: at.offset + 1 },
    rendering.renderer,
  ))
    row++
  return { ...base, place: { file: file.key, row, inManifest: lists(manifest, file.key) } }
}

/** The files of a snapshot have what the statements below its `xapi` offset tell; offsets of states and of events cannot be compared. */
function countedIn(
  e: Explaining,
  applied: AppliedSpec,
  format: SnapshotFormat,
  { event, partition, src }: EventAt,
  manifest: Manifest | null,
): Pick<DatasetVerdict, 'place' | 'filedUpTo'> {
  if (src === null) return { place: null, filedUpTo: null }
  const { xapi } = tableReach(e, applied, format, partition)
  const key = learnerKey(event.section, event.host, event.learner)
  const [file, ...others] = src.offset < xapi ? filesOfLearner(e, applied, { key, partition }) : []
  if (file === undefined) return { place: null, filedUpTo: xapi }
  const name = others.length === 0 ? file.key : file.key.slice(0, file.key.lastIndexOf('/') + 1)
  return { place: { file: name, row: null, inManifest: [file, ...others].some(each => lists(manifest, each.key)) }, filedUpTo: null }
}

/** The listed file whose range has the event. */
export function fileOf(
  { tables }: Explaining,
  { spec, revision }: AppliedSpec,
  { topic, partition, offset }: Pick<EventAt, 'topic' | 'partition' | 'offset'>,
) {
  const files = tables.sinks[partition]?.files.get(revisionKey(spec.id, revision))
  return [...(files?.values() ?? [])].find(file => file.topic === topic && file.firstOffset <= offset && offset <= file.lastOffset) ?? null
}

function filedUpTo({ tables }: Explaining, { spec, revision }: AppliedSpec, partition: number, topic: EventTopicId): number {
  const sink = tables.sinks[partition]
  const joined = sink === undefined ? null : joinedReach(sink.live, spec.id, revision, null)
  const next = joined?.next ?? sink?.catchUps.get(revisionKey(spec.id, revision))?.next
  return next?.[topic] ?? 0
}

const lists = (manifest: Manifest | null, key: string) => manifest?.files.some(file => file.key === key) ?? false
