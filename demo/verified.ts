import { waitForDataset } from '../runtime/datasets/wait.js'
import type { Services } from '../runtime/services.js'
import { verifyTarget } from '../runtime/verify-target.js'
import { type Verdict, verify } from '../verify/verify.js'

const timeoutMs = 30_000

/** The independent checker's verdict, once all that was sent is in all datasets. */
export async function verified(services: Services, datasets: readonly string[], signal: AbortSignal): Promise<Verdict> {
  await Promise.all(datasets.map(id => waitForDataset(services, id, { backfill: null, timeoutMs }, signal, () => undefined)))
  const target = await verifyTarget(services)
  try {
    return await verify(target, () => undefined)
  } finally {
    await target.close()
  }
}
