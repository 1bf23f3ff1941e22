import type { EventQueue } from '../../runtime/event-queue.js'
import { type Fault, noFault } from '../../runtime/fault.js'
import { followAsMember } from '../../runtime/follow/follow-member.js'
import type { FollowRequest, FollowSum } from '../../runtime/follow/request.js'
import type { ObjectStore } from '../../runtime/object-store.js'
import { decodeSourcesRecord, type FollowRecord, type ObjectRecord } from '../../schemas/sources.js'
import { topology } from '../../topology.js'
import { recordsOf } from './results.js'
import type { World } from './world.js'

export interface FollowOptions {
  readonly queue?: EventQueue | null
  readonly fault?: Fault
  /** Between the follow and the source bucket. */
  readonly store?: (store: ObjectStore) => ObjectStore
}

/** A follow in this process. One that ends by an error is started again, as the supervisor does it. */
export interface Followed {
  readonly notes: readonly string[]
  /** Ends it as Ctrl-C does. */
  stop(): Promise<FollowSum | null>
}

export function startFollow(
  world: World,
  request: Partial<FollowRequest> = {},
  { queue = null, fault = noFault, store = same => same }: FollowOptions = {},
): Followed {
  const stop = new AbortController()
  const notes: string[] = []
  const whole: FollowRequest = {
    bucket: world.bucket,
    sections: [],
    prefixes: [''],
    categories: [],
    since: null,
    queue: queue === null ? null : 'queue',
    everyMs: 1000,
    overlapMs: 900_000,
    listsPerSecond: 1000,
    ...request,
  }
  const note = (text: string) => {
    notes.push(text)
    world.said.push(`follow: ${text}`)
  }
  const events = { progress: () => undefined, note, standsBy: () => note('stands by') }
  async function run(): Promise<FollowSum | null> {
    let sum: FollowSum | null = null
    while (!stop.signal.aborted) {
      const opened = world.open('follow')
      try {
        sum = await followAsMember(
          { ...opened, store: store(opened.store) },
          topology.sources,
          whole,
          { queue, patient: true, fault, events },
          stop.signal,
        )
      } catch (error) {
        world.said.push(`follow ended: ${(error as Error).stack ?? String(error)}`)
        await opened.clock.sleep(200, stop.signal)
      } finally {
        await opened.close()
      }
    }
    return sum
  }
  const running = run()
  const ended = async () => {
    stop.abort()
    return running
  }
  world.atEnd(async () => void (await ended()))
  return { notes, stop: ended }
}

/** What `sources` says now: objects by `bucket/key`, follows by id. */
export async function sourcesOf(world: World) {
  const objects = new Map<string, ObjectRecord>()
  const follows = new Map<string, FollowRecord>()
  for (const { key, value } of await recordsOf(world, 'sources')) {
    const record = decodeSourcesRecord(key!.toString(), value!)
    if (record.is === 'object') objects.set(record.id, record.object)
    if (record.is === 'follow') follows.set(record.id, record.follow)
  }
  return { objects, follows }
}
