import { gcKey, gcPrefix } from '../../sinks/naming.js'
import { type DatasetObjects, datasetObjects } from '../datasets/dataset-objects.js'
import type { Services } from '../services.js'

/**
 * `gc` and a pin must not miss each other. Each first writes an object and then looks for that of the other: `gc` says that it is at work and
 * then reads the pins; a pin is written, and then waits for every `gc` that is at work. So of the two at least one sees the other.
 */
export interface AtWork {
  /** False = it has taken too long, or slept: others may hold it for dead, and nothing more may be removed. */
  holds(): boolean
  end(): Promise<void>
}

/** So long a run may remove objects of one dataset; the next one goes on. */
const lastsMs = 30 * 60_000
/** A run that has said longer ago that it is at work has been killed. By the times of the object store alone. */
const deadMs = 2 * 60 * 60_000

export async function sayAtWork(services: Services, dataset: string): Promise<AtWork> {
  const { store, clock, config } = services
  const bucket = config.datasetsBucket
  const key = gcKey(dataset, clock.uuid())
  // Before it is written. Both clocks: one of a machine that was suspended may not have gone on.
  const [began, at] = [clock.monotonic(), clock.now()]
  await store.create(bucket, key, Buffer.from(`${JSON.stringify({ begun: new Date(at).toISOString() })}\n`), 'application/json')
  const end = () => store.delete(bucket, [key])
  try {
    const { dead } = await othersAtWork(datasetObjects(services), dataset, key)
    if (dead.length > 0) await store.delete(bucket, dead)
  } catch (error) {
    // Left there, it would hold up every pin until it counts as dead. Where it cannot be removed either, the error that came first counts.
    await end().catch(() => undefined)
    throw error
  }
  return { holds: () => clock.monotonic() - began < lastsMs && Math.abs(clock.now() - at) < lastsMs, end }
}

/** Other runs of `gc` on this dataset, as of when the object `own` was written; those that have been killed apart. */
export async function othersAtWork(
  { list }: DatasetObjects,
  dataset: string,
  own: string,
): Promise<{ readonly atWork: readonly string[]; readonly dead: readonly string[] }> {
  let now = Number.NEGATIVE_INFINITY
  for await (const { key, modified } of list(own)) if (key === own) now = modified
  const atWork: string[] = []
  const dead: string[] = []
  for await (const { key, modified } of list(gcPrefix(dataset))) if (key !== own) (modified < now - deadMs ? dead : atWork).push(key)
  return { atWork, dead }
}
