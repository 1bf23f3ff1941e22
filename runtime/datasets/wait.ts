import { lostText } from '../../schemas/dataset-files.js'
import { TributaryError } from '../../schemas/errors.js'
import type { Manifest } from '../../schemas/manifest.js'
import { topicName } from '../../schemas/topics.js'
import { reaches } from '../publish/publisher.js'
import { routePositions } from '../route/route-positions.js'
import type { Services } from '../services.js'
import { type AppliedSpec, type Waiting, waitKey } from '../spec-table.js'
import { shownManifest } from './read.js'
import { readRun } from './runs.js'
import { readSpecs } from './specs.js'

const pollMs = 250
/** How long a publisher looks after a waiter that does not come back. */
const waiterMs = 10 * 60_000

/** Asks the publisher to tell progress at once: without a waiter progress alone is published once a minute. */
async function announce(services: Services, datasets: readonly AppliedSpec[], positions: readonly number[]): Promise<void> {
  const topic = topicName('datasets', services.naming)
  const waiting: Waiting = { positions, ms: waiterMs }
  const value = Buffer.from(JSON.stringify(waiting))
  const writer = await services.log.writer()
  try {
    await writer.send(
      datasets.map(({ spec, partition }) => ({ topic, partition, records: [{ key: Buffer.from(waitKey(spec.id)), value }] })),
    )
  } finally {
    await writer.close()
  }
}

/** Ends of `xapi` now: what a manifest must cover to hold all that was there at the call. */
export async function xapiEnd(services: Services): Promise<readonly number[]> {
  const { partitions } = services.config
  const marks = await services.log.watermarks(topicName('xapi', services.naming), [...Array(partitions).keys()])
  return Array.from({ length: partitions }, (_, p) => marks.get(p)!.high)
}

/** Resolves with the first manifest of the current revision that covers these `xapi` offsets. */
async function waitFor(
  services: Services,
  applied: AppliedSpec,
  positions: readonly number[],
  giveUpAt: number,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Manifest> {
  const { clock } = services
  const { id } = applied.spec
  let announced = Number.NEGATIVE_INFINITY
  let said = ''
  for (;;) {
    if (clock.monotonic() - announced > waiterMs / 2) {
      announced = clock.monotonic()
      await announce(services, [applied], positions)
    }
    const manifest = await shownManifest(services, id)
    if (manifest !== null && manifest.revision === applied.revision && reaches(manifest, positions)) return manifest
    const stop = manifest?.stopped?.find(({ revision }) => revision === applied.revision)
    if (stop !== undefined) throw new TributaryError('OFFSET_LOST', `waiting for ${id}: it stopped, ${lostText(stop)}`)
    const there = manifest?.positions.filter(({ partition, xapi }) => xapi !== null && xapi >= positions[partition]!).length ?? 0
    const text = `${id}: ${there} of ${positions.length} partitions there${manifest === null ? ', not published yet' : ''}`
    if (text !== said) onProgress(text)
    said = text
    if (signal.aborted) throw new TributaryError('INCOMPLETE', `waiting for ${id} was stopped (${text})`)
    if (clock.monotonic() >= giveUpAt) throw new TributaryError('INCOMPLETE', `waiting for ${id}: time is up (${text})`)
    await clock.sleep(pollMs, signal)
  }
}

/** What was in `xapi` at the call (or what a backfill run brought) is in the manifest. */
export async function waitForDataset(
  services: Services,
  id: string,
  options: { readonly backfill: string | null; readonly timeoutMs: number },
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Manifest> {
  const giveUpAt = services.clock.monotonic() + options.timeoutMs
  const applied = (await readSpecs(services)).specs.get(id)
  if (applied === undefined) throw new TributaryError('WRONG_USAGE', `there is no dataset ${id}: \`tributary dataset list\` shows all`)
  const positions =
    options.backfill === null
      ? await endsBehindMoved(services, id, giveUpAt, signal, onProgress)
      : await sealedPositions(services, options.backfill, giveUpAt, signal)
  return waitFor(services, applied, positions, giveUpAt, signal, onProgress)
}

/**
 * Ends that have all that was in `xapi` at the call below them, where it belongs: what lay in a wrong partition is moved by route, which
 * acknowledges the copy before its position passes the original.
 */
async function endsBehindMoved(
  services: Services,
  id: string,
  giveUpAt: number,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<readonly number[]> {
  const { log, naming, config, clock } = services
  const ends = await xapiEnd(services)
  for (;;) {
    const positions = await routePositions(log, naming, config.partitions)
    const there = positions.filter((position, partition) => position >= ends[partition]!).length
    if (there === ends.length) return xapiEnd(services)
    const text = `${id}: route has read ${there} of ${ends.length} partitions`
    onProgress(text)
    if (signal.aborted) throw new TributaryError('INCOMPLETE', `waiting for ${id} was stopped (${text})`)
    if (clock.monotonic() >= giveUpAt) throw new TributaryError('INCOMPLETE', `waiting for ${id}: time is up (${text})`)
    await clock.sleep(pollMs, signal)
  }
}

async function sealedPositions(services: Services, run: string, giveUpAt: number, signal: AbortSignal): Promise<readonly number[]> {
  for (;;) {
    const record = await readRun(services, run)
    if (record === null) throw new TributaryError('WRONG_USAGE', `there is no backfill run ${run}`)
    if (record.sealed !== null) return record.sealed.map(offset => offset + 1)
    if (signal.aborted || services.clock.monotonic() >= giveUpAt)
      throw new TributaryError('INCOMPLETE', `backfill run ${run} is ${record.state}`)
    await services.clock.sleep(1000, signal)
  }
}

/** All datasets cover these offsets. */
export async function waitForAll(services: Services, positions: readonly number[], signal: AbortSignal): Promise<void> {
  const specs = [...(await readSpecs(services)).specs.values()]
  await Promise.all(specs.map(applied => waitFor(services, applied, positions, Number.POSITIVE_INFINITY, signal, () => undefined)))
}
