import type { PlannedObject } from './source.js'

/** Oldest upload first; at one time by key, so that a list in any order gives one plan. */
export function byUpload(a: PlannedObject, b: PlannedObject): number {
  return a.uploaded - b.uploaded || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}
