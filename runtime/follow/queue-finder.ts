import { type CreatedObject, readObjectEvent } from '../../producers/object-event.js'
import type { PlannedObject } from '../../producers/source.js'
import { isTributaryError } from '../../schemas/errors.js'
import type { EventQueue, QueueMessage } from '../event-queue.js'
import { describe } from '../logger.js'
import type { ObjectInfo } from '../object-store.js'
import type { Finder, FinderDeps } from './finder.js'
import type { ReadOutcome } from './reading-pool.js'
import type { MessageOutcome } from './request.js'

/** A message is hidden so long, and again and again while it is worked on: after a kill it comes back that soon. */
const hiddenSeconds = 30
const hideEveryMs = 10_000
/** Messages at work at once. */
const most = 40

const isKept = (outcome: MessageOutcome) => outcome === 'foreign' || outcome === 'unreadable' || outcome === 'left'

/** Receives event messages. A message is deleted only when everything that it names is in the ledger, or nothing of it can be read. */
export function queueFinder(deps: FinderDeps, queue: EventQueue): Finder {
  const { services, scope, request, since, pool, known, tally, events, fault } = deps
  const { clock, logger, store } = services
  const working = new Map<QueueMessage, Promise<void>>()
  const told = new Set<string>()
  const waiters: (() => void)[] = []

  /** Once for each kind and place: a message that is kept comes again and again. */
  function tell(outcome: MessageOutcome, what: string): void {
    if (told.has(`${outcome} ${what}`) || told.size > 100) return
    told.add(`${outcome} ${what}`)
    events.note(`a message was kept in the queue (${outcome}): ${what}`)
  }

  async function judge(message: QueueMessage): Promise<MessageOutcome> {
    const event = readObjectEvent(message.body)
    if (event.is === 'test') return 'test'
    if (event.is === 'unreadable') {
      tell('unreadable', event.reason)
      return 'unreadable'
    }
    const foreign = event.objects.find(({ bucket }) => bucket !== request.bucket)
    if (foreign !== undefined) tell('foreign', `it is about bucket ${foreign.bucket}`)
    const own = event.objects.filter(({ bucket }) => bucket === request.bucket)
    const ends = await Promise.all(own.map(readNow))
    if (foreign !== undefined) return 'foreign'
    return (['left', 'read', 'done', 'gone'] as const).find(outcome => ends.includes(outcome)) ?? 'ignored'
  }

  /** What the message says was true once: what is there now is read. */
  async function readNow({ bucket, key }: CreatedObject): Promise<MessageOutcome> {
    const asked = { bucket, key, size: 0, etag: '', lastModified: clock.now() }
    if (scope.plan([asked], since).length === 0) return 'ignored'
    let info: ObjectInfo | null
    try {
      info = await store.head(bucket, key)
    } catch (error) {
      // Of an object that is gone, too, where nothing may be listed.
      if (!isTributaryError(error, 'S3_REFUSED', 'S3_BUCKET_MISSING')) throw error
      tell('left', error.message)
      return 'left'
    }
    if (info === null) {
      pool.missed(bucket, key)
      return 'gone'
    }
    const [object] = scope.plan([{ bucket, key, size: info.size, etag: info.etag, lastModified: info.modified }], since)
    if (object === undefined) return 'ignored'
    return outcomeOf[await readNew(object)]
  }

  async function readNew(object: PlannedObject): Promise<ReadOutcome> {
    if ((await known.without([object])).length === 0) return 'done'
    await pool.room()
    return pool.read(object)
  }

  /** 1 read, send, acknowledged, ledger entry 2 delete. Killed between them, the message comes again and its objects are done. */
  async function handle(message: QueueMessage): Promise<void> {
    const outcome = await judge(message)
    if (!isKept(outcome)) {
      await queue.delete(message)
      await fault('follow.afterDelete')
    }
    tally.messages[outcome]++
  }

  async function keepHidden(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(hideEveryMs, signal)
      if (signal.aborted) return
      await Promise.all([...working.keys()].map(message => queue.hide(message, hiddenSeconds)))
    }
  }

  /** For whoever comes next: without it the messages would be hidden for a while yet. */
  async function giveBack(left: readonly QueueMessage[]): Promise<void> {
    await Promise.all(left.map(message => queue.hide(message, 0))).catch(error =>
      logger.debug({}, `giving back messages: ${describe(error)}`),
    )
  }

  return {
    through: null,
    async find(signal) {
      const stop = new AbortController()
      const ending = AbortSignal.any([signal, stop.signal])
      const errors: unknown[] = []
      const fail = (error: unknown) => {
        errors.push(error)
        stop.abort()
      }
      const hiding = keepHidden(ending).catch(fail)
      const left: QueueMessage[] = []
      const work = async (message: QueueMessage) => {
        try {
          await handle(message)
        } catch (error) {
          left.push(message)
          fail(error)
        }
        working.delete(message)
        for (const wake of waiters.splice(0)) wake()
      }
      while (!ending.aborted) {
        if (working.size >= most) await new Promise<void>(resolve => waiters.push(resolve))
        try {
          for (const message of await queue.receive(hiddenSeconds, ending)) working.set(message, work(message))
        } catch (error) {
          fail(error)
        }
      }
      await Promise.all([hiding, ...working.values()])
      await giveBack(left)
      if (errors.length > 0 && !signal.aborted) throw errors[0]
    },
  }
}

const outcomeOf: Readonly<Record<ReadOutcome, MessageOutcome>> = {
  read: 'read',
  done: 'done',
  gone: 'gone',
  changing: 'left',
  refused: 'left',
}
