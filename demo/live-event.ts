import { setTimeout as delay } from 'node:timers/promises'
import type { Services } from '../runtime/services.js'
import { learnerKey } from '../schemas/learner-key.js'
import { partitionOf } from '../schemas/partition.js'
import { topicName } from '../schemas/topics.js'
import { manifestOf } from './demo-datasets.js'
import { liveStatement } from './live-statement.js'

export interface LiveEvent {
  /** What the learner wrote: it is found again in a row. */
  readonly input: string
  readonly seconds: number
}

export interface UploadedEvent extends LiveEvent {
  /** `s3://bucket/key` */
  readonly place: string
}

const pollMs = 50
const learner = { host: 'proton.example.org', learner: 4_200, section: 145 }

/** A learner answers now; `bring` takes the statement on its way. Resolves when the row is in the manifest. */
async function answer(
  services: Services,
  dataset: string,
  way: string,
  bring: (statement: Buffer, at: number) => Promise<void>,
  signal: AbortSignal,
): Promise<LiveEvent> {
  const { clock } = services
  const before = (await manifestOf(services, dataset)).counts.rows
  const at = clock.now()
  const began = clock.monotonic()
  const input = `${way} at ${new Date(at).toISOString()}`
  await bring(liveStatement({ at, input, ...learner }), at)
  while ((await manifestOf(services, dataset)).counts.rows === before) await delay(pollMs, undefined, { signal })
  return { input, seconds: (clock.monotonic() - began) / 1000 }
}

/** By a producer that knows nothing of Tributary: without a key, to the wrong partition. */
export async function sendLive(services: Services, dataset: string, signal: AbortSignal): Promise<LiveEvent> {
  const { log, config, naming } = services
  const right = partitionOf(Buffer.from(learnerKey(String(learner.section), learner.host, String(learner.learner))), config.partitions)
  const partition = (right + 1) % config.partitions
  const writer = await log.writer()
  try {
    const send = async (value: Buffer) =>
      void (await writer.send([{ topic: topicName('xapi', naming), partition, records: [{ key: null, value }] }]))
    return await answer(services, dataset, 'live', send, signal)
  } finally {
    await writer.close()
  }
}

/** As the platform does it: an object under the name of its upload time, which the role follow finds. */
export async function uploadLive(services: Services, dataset: string, bucket: string, signal: AbortSignal): Promise<UploadedEvent> {
  let place = ''
  const upload = async (statement: Buffer, at: number) => {
    const key = `section/${learner.section}/attempt_evaluated/${new Date(at).toISOString().replaceAll(':', '-')}_${services.clock.uuid()}.jsonl`
    place = `s3://${bucket}/${key}`
    await services.store.put(bucket, key, statement, 'application/x-ndjson')
  }
  const event = await answer(services, dataset, 'uploaded', upload, signal)
  return { ...event, place }
}
