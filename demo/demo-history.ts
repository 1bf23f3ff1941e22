import { createHash } from 'node:crypto'
import type { Services } from '../runtime/services.js'
import { type SampleExpected, type SampleOptions, sampleHistory } from './sample-history.js'

export const historyOptions: SampleOptions = {
  seed: 20_240_902,
  statements: 15_000,
  spoilt: 10,
  repeats: 0.01,
  hosts: 2,
  linesPerObject: 250,
}
export const historySections = ['145', '146', '147'] as const

export interface History {
  readonly bucket: string
  readonly objects: number
  readonly bytes: number
  readonly expected: SampleExpected
}

const atOnce = 8

/** The sample history in S3. Its bucket is named by its content: what an earlier demo has put there is used again. */
export async function putHistory({ store }: Services): Promise<History> {
  const { objects, expected } = sampleHistory(historyOptions)
  const hash = createHash('sha256')
  for (const { key, body } of objects) hash.update(key).update(body)
  const bucket = `demo-history-${hash.digest('hex').slice(0, 12)}`
  await store.ensureBucket(bucket)
  const there = new Map<string, number>()
  for await (const { key, size } of store.list(bucket, '')) there.set(key, size)
  const missing = objects.filter(({ key, body }) => there.get(key) !== body.length)
  while (missing.length > 0)
    await Promise.all(missing.splice(0, atOnce).map(({ key, body }) => store.put(bucket, key, body, 'application/x-ndjson')))
  return { bucket, objects: objects.length, bytes: objects.reduce((sum, { body }) => sum + body.length, 0), expected }
}
