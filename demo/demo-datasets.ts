import { createHash } from 'node:crypto'
import { applyDataset } from '../runtime/datasets/apply.js'
import { readManifest } from '../runtime/datasets/read.js'
import type { Services } from '../runtime/services.js'
import type { Manifest } from '../schemas/manifest.js'
import { topology } from '../topology.js'
import { csvRows } from './csv-rows.js'

/** Two seconds of freshness instead of ten: nobody likes to wait in a demo. */
const specs = [
  { id: 'attempts', kind: 'attempt_evaluated', freshness: 2, section_ids: [145, 146, 147] },
  { id: 'videos', kind: 'video', freshness: 2, sub_types: ['played', 'paused', 'seeked', 'completed'] },
  { id: 'pages', kind: 'page_viewed', freshness: 2, anonymize: 'ids' },
  { id: 'learners', kind: 'learners', freshness: 2 },
] as const
export const demoDatasets = specs.map(({ id }) => id)

export async function applyDatasets(services: Services): Promise<void> {
  for (const spec of specs) await applyDataset(services, topology.formats, spec, { dryRun: false })
}

export async function manifestOf(services: Services, id: string): Promise<Manifest> {
  const manifest = await readManifest(services, id)
  if (manifest === null) throw new Error(`dataset ${id}: nothing is published`)
  return manifest
}

export interface RowsDigest {
  readonly rows: number
  /** Of all rows, sorted: the order in files tells how the work was cut, not what came out. */
  readonly sha256: string
}

/** Of all datasets together. */
export async function digestRows(services: Services): Promise<RowsDigest> {
  const rows: string[] = []
  for (const id of demoDatasets)
    for (const file of (await manifestOf(services, id)).files) {
      const body = await services.store.get(services.config.datasetsBucket, file.key)
      if (body === null) throw new Error(`${file.key} is listed and not there`)
      rows.push(
        ...csvRows(body)
          .slice(1)
          .map(row => `${id} ${row}`),
      )
    }
  return { rows: rows.length, sha256: createHash('sha256').update(rows.sort().join('\n')).digest('hex') }
}
