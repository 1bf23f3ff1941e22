import { isTaken, type PlannedObject, type Selection, type Source, type SourceObject } from './source.js'

/** Oldest upload first; at one time by key, so that a list in any order gives one plan. */
export function byUpload(a: Pick<PlannedObject, 'uploaded' | 'key'>, b: Pick<PlannedObject, 'uploaded' | 'key'>): number {
  return a.uploaded - b.uploaded || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

/** The selected ones, oldest upload first: events then arrive roughly in the order in which they happened. */
export function inUploadOrder(source: Source, objects: Iterable<SourceObject>, selection: Selection): PlannedObject[] {
  return [...objects]
    .map(object => source.take(object, selection))
    .filter(isTaken)
    .sort(byUpload)
}
