import { parsedLearnerKey, scanLearnerKey } from '../../producers/learner-key-scan.js'
import type { Appended, OutRecord } from '../../runtime/log.js'
import { partitionOf } from '../../schemas/partition.js'
import { type TopicId, topicName } from '../../schemas/topics.js'
import type { World } from './world.js'

/** Records straight into a partition of a topic, through the port: on every kind of world. */
export async function append(world: World, topic: TopicId, partition: number, records: readonly OutRecord[]): Promise<Appended> {
  const writer = await world.services.log.writer()
  try {
    const [appended] = await writer.send([{ topic: topicName(topic, world.services.naming), partition, records }])
    return appended!
  } finally {
    await writer.close()
  }
}

/** Statements in `xapi`, where they belong, with their learner keys. Returns where they are. */
export async function publish(
  world: World,
  texts: readonly string[],
  headers: OutRecord['headers'] & object = [],
): Promise<{ readonly partition: number; readonly offset: number }[]> {
  const places = []
  for (const text of texts) {
    const value = Buffer.from(text)
    const found = scanLearnerKey(value) ?? parsedLearnerKey(value)
    const key = found === null ? null : Buffer.from(found)
    const partition = partitionOf(key ?? value, world.services.config.partitions)
    const { first } = await append(world, 'xapi', partition, [{ key, value, headers }])
    places.push({ partition, offset: first })
  }
  return places
}

/** Until the clock of the world shows another millisecond: what is appended in one has no order in time. */
export async function nextMillisecond({ services: { clock } }: World): Promise<void> {
  for (const before = Math.floor(clock.now()); Math.floor(clock.now()) === before; ) await new Promise(setImmediate)
}
