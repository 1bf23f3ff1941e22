import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { downloadDataset } from '../runtime/datasets/download.js'
import { csvRows } from './csv-rows.js'
import { demoDatasets } from './demo-datasets.js'
import type { Sample } from './demo-report.js'
import type { World } from './demo-world.js'

const shownRows = 4

/** Downloads the datasets and finds in them what is worth showing. */
export async function makeSample({ services, variables }: World, folder: string, liveInputs: readonly string[]): Promise<Sample> {
  const to = join(folder, 'datasets')
  const files = new Map<string, readonly string[]>()
  for (const id of demoDatasets) files.set(id, (await downloadDataset(services, id, to, () => undefined)).files)
  const attempts = files.get('attempts') ?? []
  const csv = attempts[0] ?? ''
  const shell = join(folder, 'variables.sh')
  writeFileSync(
    shell,
    `${Object.entries(variables)
      .map(([name, value]) => `export ${name}=${value}\n`)
      .join('')}`,
  )
  return {
    csv,
    rows: csvRows(readFileSync(csv)).slice(0, shownRows),
    index: pathToFileURL(join(to, 'attempts', 'index.html')).href,
    liveIn: liveInputs.map(input => attempts.find(file => readFileSync(file).includes(input)) ?? null),
    variables: shell,
  }
}
