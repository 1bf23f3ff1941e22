import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../config.js'
import { downloadDataset } from '../../../runtime/datasets/download.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import { buildManifest, manifestText } from '../../../sinks/manifest.js'
import { sampleFile, sampleInput } from '../../sinks/sample-manifest.js'

const id = 'algebra-2024'
const bucket = 'datasets'
const body = Buffer.from('user_id,score\n1,2\n')

/** A bucket whose manifest lists these keys; all of them are there, with the right hash. */
async function bucketWith(keys: readonly string[]) {
  const store = memoryStore(() => 0)
  await store.ensureBucket(bucket)
  const sha256 = createHash('sha256').update(body).digest('hex')
  const files = keys.map(key => ({ ...sampleFile(0, 0), key, bytes: body.length, rows: 1, sha256 }))
  for (const key of keys) await store.put(bucket, key, body, '')
  await store.put(bucket, `${id}/manifest.json`, Buffer.from(manifestText(buildManifest(sampleInput({ files })))), '')
  return { store, config: readConfig({ DATASETS_BUCKET: bucket }) }
}

const folder = mkdtempSync(join(tmpdir(), 'download-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('files lie under their keys, with the manifest and its page', async () => {
  const to = join(folder, 'good')
  const key = `${id}/g1-r42/events.attempt-p0/a.csv`
  const { files } = await downloadDataset(await bucketWith([key]), id, to, () => undefined)
  expect(files).toEqual([join(to, key)])
  expect(readFileSync(files[0]!)).toEqual(body)
  expect(readdirSync(join(to, id)).sort()).toEqual(['g1-r42', 'index.html', 'manifest.json', 'manifests'])
})

test.each([
  `${id}/../../home/.profile`,
  '../.profile',
  '/etc/cron.d/evil',
  `${id}/g1-r42/../../../evil`,
  `${id}\\..\\evil`,
  `${id}/..\\..\\evil`,
  `${id}//evil`,
  `${id}/./evil`,
  'other/g1-r42/a.csv',
  `${id}-other/a.csv`,
  `${id}/C:evil`,
  id,
  '',
])('a manifest that lists %j is refused before anything is written', async key => {
  const to = join(folder, 'work', 'data')
  const services = await bucketWith([`${id}/g1-r42/events.attempt-p0/a.csv`, key])
  await expect(downloadDataset(services, id, to, () => undefined)).rejects.toMatchObject({
    code: 'S3_CONTENT_DIFFERS',
    message: expect.stringContaining(JSON.stringify(key)),
  })
  expect(readdirSync(folder)).toEqual(['good'])
  expect(existsSync('/etc/cron.d/evil')).toBe(false)
})
