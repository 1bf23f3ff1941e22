import { verifyDeepTarget } from '../../runtime/verify-target.js'
import type { DeepTarget } from '../../verify/deep/deep-target.js'
import { type DeepVerdict, verifyDeep } from '../../verify/deep/verify-deep.js'
import type { World } from './world.js'

/** `tributary verify --deep`: everything recomputed from the source lines, by a reader that shares no code with the roles. */
export async function deepCheck({ services }: World, instead: Partial<DeepTarget> = {}): Promise<DeepVerdict> {
  const target = await verifyDeepTarget(services)
  return verifyDeep({ ...target, ...instead }, { bucket: null, prefix: '' }, () => undefined).finally(() => target.close())
}
