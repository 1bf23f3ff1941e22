import { readStatus } from '../../runtime/read-status.js'
import { topology } from '../../topology.js'
import { sum } from './outcome.js'
import { until } from './until.js'
import type { World } from './world.js'

/** How far `xapi` is written, routed, and in files: statements over all partitions. */
export async function pointOf(world: World): Promise<{ written: number; routed: number; filed: number }> {
  const { partitions } = await readStatus(world.services, topology)
  return {
    written: sum(partitions.map(({ end }) => end)),
    routed: sum(partitions.map(({ route }) => route.position)),
    filed: sum(partitions.map(({ sink }) => sink.position)),
  }
}

const limit = 75

/** Waits until new statements go all the way again, in every partition, and says how long that took. */
export async function recovered(world: World): Promise<string> {
  const began = Date.now()
  const { partitions: before } = await readStatus(world.services, topology)
  const past = async (stage: 'route' | 'sink') => {
    const what = `every partition to get past its end in ${stage}`
    await until(world, what, limit, async () => {
      const { partitions } = await readStatus(world.services, topology)
      return partitions.every((now, p) => now[stage].position > before[p]!.end) || null
    })
    return `${stage} after ${((Date.now() - began) / 1000).toFixed(1)} s`
  }
  return `${await past('route')}, ${await past('sink')}`
}
