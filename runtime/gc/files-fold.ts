import { type CatchUpProgress, type FileRecord, type LiveProgress, parseDatasetFilesKey } from '../../schemas/dataset-files.js'
import type { LoggedFile } from '../../sinks/garbage.js'
import type { NamedPiece } from '../../sinks/naming.js'
import type { LogRecord } from '../log.js'
import { joinedReach, revisionKey } from '../sink/sink-records.js'

/** Of which files are wanted: all of one revision that come from one topic partition. */
export type Place = Pick<NamedPiece, 'dataset' | 'revision' | 'topic' | 'partition'>

/** The fold of one generation's `dataset-files`, with the offset at which each file was listed. */
export interface FilesFold {
  onRecord(record: LogRecord, partition: number): void
  files(place: Place): readonly LoggedFile[]
  /** First offset of the topic whose row is not in the files for certain. */
  next(place: Place): number
  /** Every dataset that it has ever told of, as far as the log still has it. */
  readonly datasets: ReadonlySet<string>
}

const placeKey = ({ dataset, revision, topic, partition }: Place) => `${revisionKey(dataset, revision)}|${topic}|${partition}`

export function filesFold(): FilesFold {
  const datasets = new Set<string>()
  /** By record key, then the same files by place. */
  const byKey = new Map<string, { readonly place: string; readonly file: LoggedFile }>()
  const byPlace = new Map<string, Map<string, LoggedFile>>()
  const live = new Map<number, LiveProgress>()
  const catchUps = new Map<string, CatchUpProgress>()

  function unlist(key: string): void {
    const known = byKey.get(key)
    if (known === undefined) return
    byKey.delete(key)
    byPlace.get(known.place)?.delete(key)
  }

  const filesOf = (place: Place) => [...(byPlace.get(placeKey(place))?.values() ?? [])]
  return {
    datasets,
    onRecord(record, partition) {
      const text = record.key!.toString()
      const key = parseDatasetFilesKey(text)
      const value: unknown = record.value === null ? null : JSON.parse(record.value.toString())
      if (key.kind === 'live') {
        if (value === null) live.delete(partition)
        else live.set(partition, value as LiveProgress)
        return
      }
      datasets.add(key.dataset)
      if (key.kind === 'catch-up') {
        if (value === null) catchUps.delete(text)
        else catchUps.set(text, value as CatchUpProgress)
        return
      }
      unlist(text)
      if (value === null) return
      const { key: object, topic, firstOffset, lastOffset } = value as FileRecord
      const place = placeKey({ dataset: key.dataset, revision: key.revision, topic, partition })
      const file = { key: object, firstOffset, lastOffset, at: record.offset }
      byKey.set(text, { place, file })
      const there = byPlace.get(place) ?? new Map<string, LoggedFile>()
      byPlace.set(place, there.set(text, file))
    },
    files: filesOf,
    next(place) {
      const { dataset, revision, topic, partition } = place
      const progress = live.get(partition)
      // A bucket of a snapshot is judged otherwise.
      const joined = progress === undefined ? undefined : joinedReach(progress, dataset, revision, null)?.next
      const catchUp = catchUps.get(`P|${dataset}|${revision}|${partition}`)?.next
      // What is in a file is so for certain, whatever became of the progress.
      return Math.max(joined?.[topic] ?? 0, catchUp?.[topic] ?? 0, ...filesOf(place).map(file => file.lastOffset + 1))
    },
  }
}
