import { readStatus } from '../../runtime/read-status.js'
import { topology } from '../../topology.js'
import { sum } from './outcome.js'
import { until } from './until.js'
import type { World } from './world.js'

/** How far `xapi` is written, routed, and in files: statements over all partitions; NaN = it is not known of one of them. */
export async function pointOf(world: World): Promise<{ written: number; routed: number; filed: number }> {
  const { partitions } = await readStatus(world.services, topology)
  return {
    written: sum(partitions.map(({ end = Number.NaN }) => end)),
    routed: sum(partitions.map(({ route }) => route?.position ?? Number.NaN)),
    filed: sum(partitions.map(({ sink }) => sink?.position ?? Number.NaN)),
  }
}

const limit = 75

/** Waits until new statements go all the way again, in every partition, and says how long that took. */
export async function recovered(world: World): Promise<string> {
  const began = Date.now()
  const { answer: before } = await until(world, 'every end to be known', limit, async () => {
    const { partitions } = await readStatus(world.services, topology)
    return partitions.every(({ end }) => end !== undefined) ? partitions.map(({ end }) => end!) : null
  })
  const past = async (stage: 'route' | 'sink') => {
    const what = `every partition to get past its end in ${stage}`
    await until(world, what, limit, async () => {
      const { partitions } = await readStatus(world.services, topology)
      return partitions.every((now, p) => (now[stage]?.position ?? 0) > before[p]!) || null
    })
    return `${stage} after ${((Date.now() - began) / 1000).toFixed(1)} s`
  }
  return `${await past('route')}, ${await past('sink')}`
}
