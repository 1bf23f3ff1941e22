import { lostText } from '../../schemas/dataset-files.js'
import { TributaryError } from '../../schemas/errors.js'
import { type Manifest, parseManifest } from '../../schemas/manifest.js'
import { fileCounts } from '../../sinks/manifest-lists.js'
import { manifestKey } from '../../sinks/naming.js'
import type { Services } from '../services.js'
import type { AppliedSpec } from '../spec-table.js'
import type { DatasetStatus } from '../status.js'
import { type DatasetBucket, datasetObjects } from './dataset-objects.js'
import { readSpecs } from './specs.js'
import { wholeManifest } from './whole-manifest.js'

/** The manifest as it is shown now, with all its files; null = nothing is published yet. */
export async function readManifest(services: DatasetBucket, id: string): Promise<Manifest | null> {
  const shown = await shownManifest(services, id)
  return shown && wholeManifest(shown, datasetObjects(services).get)
}

/** The same as it lies there: of a large dataset the files are in objects of their own. */
export async function shownManifest(services: DatasetBucket, id: string): Promise<Manifest | null> {
  const body = await datasetObjects(services).get(manifestKey(id))
  if (body === null) return null
  const parsed = parseManifest(body.toString())
  if (!parsed.ok) throw new TributaryError('S3_CONTENT_DIFFERS', `reading ${manifestKey(id)}: ${parsed.problem}`)
  return parsed.manifest
}

export async function listDatasets(services: Services): Promise<readonly DatasetStatus[]> {
  return statusOfAll(services, (await readSpecs(services)).specs)
}

/** Of each dataset what its manifest says. */
export function statusOfAll(services: Services, specs: ReadonlyMap<string, AppliedSpec>): Promise<readonly DatasetStatus[]> {
  return Promise.all(inOrder(specs).map(each => statusOf(services, each)))
}

/** While S3 is away: that there are such datasets. */
export function unreadDatasets(specs: ReadonlyMap<string, AppliedSpec>): readonly DatasetStatus[] {
  return inOrder(specs).map(({ spec, revision }) => ({ id: spec.id, kind: spec.kind, revision }))
}

const inOrder = (specs: ReadonlyMap<string, AppliedSpec>) => [...specs.values()].sort((a, b) => (a.spec.id < b.spec.id ? -1 : 1))

async function statusOf(services: Services, { spec, revision }: AppliedSpec): Promise<DatasetStatus> {
  const manifest = await shownManifest(services, spec.id)
  const through = manifest?.completeThrough ?? null
  const whole = manifest !== null && manifest.revision === revision && manifest.positions.every(position => position.xapi !== null)
  const stopped = manifest?.stopped?.filter(stop => stop.revision === revision).map(lostText) ?? []
  return {
    id: spec.id,
    kind: spec.kind,
    revision,
    state: manifest === null ? 'not published' : stopped.length > 0 ? 'stopped' : whole ? 'current' : 'catching up',
    stopped,
    version: manifest?.version ?? null,
    rows: manifest?.counts.rows ?? 0,
    files: manifest === null ? 0 : fileCounts(manifest).files,
    updatedAt: manifest?.updatedAt ?? null,
    completeThrough: through,
    ageSeconds: through === null ? null : Math.max(0, (services.clock.now() - Date.parse(through)) / 1000),
  }
}
