import type { Manifest } from '../schemas/manifest.js'

/** What a bibliography says of a version; `manifest` has all its files. After an upgrade a revision may have rows by two sets of rules. */
export function citation(manifest: Manifest): string {
  const { dataset, version, revision, revisionOrdinal, generation, counts, completeThrough, producedBy, files } = manifest
  const rules = [...new Set(files.length === 0 ? [producedBy.rules] : files.map(file => file.rules ?? producedBy.rules))].sort(
    (a, b) => a - b,
  )
  const through = completeThrough === null ? '' : `, complete through ${completeThrough}`
  // An installed package does not know its commit.
  const commit = producedBy.commit === '' ? '' : ` (${producedBy.commit.slice(0, 12)})`
  return `${dataset}, revision ${revisionOrdinal ?? revision}, version ${version}: ${counts.rows} rows${through}. Tributary ${producedBy.version}${commit}, rules ${rules.join(' and ')}, generation ${generation}, spec ${producedBy.specSha256.slice(0, 12)}.`
}
