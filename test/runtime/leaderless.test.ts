import { scanLearnerKey } from '../../producers/learner-key-scan.js'
import { readManifest } from '../../runtime/datasets/read.js'
import type { MemoryLog } from '../../runtime/memory/memory-log.js'
import { partitionOf } from '../../schemas/partition.js'
import { type TopicId, topicName } from '../../schemas/topics.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { publish } from '../driver/publish.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { until } from '../driver/until.js'
import type { World } from '../driver/world.js'

const inPartition = (wanted: number) => (text: string) => partitionOf(Buffer.from(scanLearnerKey(Buffer.from(text))!), 2) === wanted

const covered = (world: World, partition: number, end: number) =>
  until(world, `the manifest to cover ${end} of partition ${partition}`, 30, async () => {
    const manifest = await readManifest(world.services, 'pages')
    return manifest?.positions[partition]?.xapi === end ? manifest : null
  })

test.each<TopicId>(['xapi', 'events.page-viewed', 'dataset-files'])(
  'while partition 1 of %s has no leader, statements of partition 0 go all the way; when it has one, the rest does',
  async topic => {
    const world = await makeMemoryWorld()
    await world.apply({ id: 'pages', kind: 'page_viewed' })
    startRoles(world)
    const all = statements(0, 400)
    const [zero, one] = [0, 1].map(partition => all.filter(inPartition(partition))) as [string[], string[]]
    await publish(world, [...zero.slice(0, 20), ...one])
    const { rows: before } = (await world.complete('pages')).counts
    const { away } = (world.services.log as MemoryLog).broker
    away.add(`${topicName(topic, world.services.naming)}/1`)
    await publish(world, zero.slice(20))
    const { answer } = await covered(world, 0, zero.length)
    expect(answer.counts.rows).toBeGreaterThan(before)
    away.clear()
    await publish(world, one)
    await covered(world, 1, 2 * one.length)
    expect((await world.verify()).problems).toEqual([])
  },
  60_000,
)
