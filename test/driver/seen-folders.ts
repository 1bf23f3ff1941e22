import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readPartition } from '../../runtime/read-partition.js'
import { lmdbStateStore } from '../../runtime/state/lmdb-state-store.js'
import { decodeHeader } from '../../runtime/state/store-header.js'
import { decodeRouteSeen } from '../../schemas/route-seen.js'
import { topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

/** Where the first route process of a world keeps its stores. */
export const firstRouteFolder = ({ services: { config, naming } }: World): string =>
  join(config.dataDir, 'state', `${naming.prefix}route-g${naming.generation}-0`)

/**
 * Compares the stores of a route process with what is committed: each must have the ids of its changelog below its own offset and none from
 * beyond, which is what a transaction that was not committed would have left, and the position that came with the last of them. Returns
 * what differs.
 */
export async function strayIds({ services: { log, naming, config } }: World, folder: string): Promise<string[]> {
  const stray: string[] = []
  for (let partition = 0; partition < config.partitions; partition++) {
    const path = join(folder, `p${partition}`)
    if (!existsSync(path)) continue
    const store = lmdbStateStore(path)
    const bytes = store.header()
    const header = bytes === null ? { position: 0, changelog: 0 } : decodeHeader(bytes)
    if (typeof header === 'string') throw new Error(`${path}: ${header}`)
    let position = 0
    let [lacks, beyond] = [0, 0]
    await readPartition(log, topicName('route-seen', naming), partition, record => {
      const seen = decodeRouteSeen(record.value!)
      const below = record.offset < header.changelog
      if (below) position = seen.position
      for (const key of seen.keys) {
        if (below && !store.has(key)) lacks++
        if (!below && store.has(key)) beyond++
      }
    })
    await store.close()
    if (lacks > 0 || beyond > 0) stray.push(`partition ${partition} lacks ${lacks} ids and has ${beyond} that it cannot know`)
    if (header.position !== position) stray.push(`partition ${partition} is at ${header.position}, committed is ${position}`)
  }
  return stray
}
