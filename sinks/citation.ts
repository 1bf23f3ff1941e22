import type { Manifest } from '../schemas/manifest.js'

/** What a bibliography says of a version. */
export function citation(manifest: Manifest): string {
  const { dataset, version, revision, revisionOrdinal, generation, counts, completeThrough, producedBy } = manifest
  const through = completeThrough === null ? '' : `, complete through ${completeThrough}`
  // An installed package does not know its commit.
  const commit = producedBy.commit === '' ? '' : ` (${producedBy.commit.slice(0, 12)})`
  return `${dataset}, revision ${revisionOrdinal ?? revision}, version ${version}: ${counts.rows} rows${through}. Tributary ${producedBy.version}${commit}, rules ${producedBy.rules}, generation ${generation}, spec ${producedBy.specSha256.slice(0, 12)}.`
}
