import { noFault } from '../../../runtime/fault.js'
import { silentLogger } from '../../../runtime/logger.js'
import { memoryLog } from '../../../runtime/memory/memory-log.js'
import { memoryStateStore } from '../../../runtime/memory/memory-state-store.js'
import type { Codec } from '../../../runtime/registry/codec.js'
import { makeOpenBudget } from '../../../runtime/sink/open-budget.js'
import { liveOut, readSinkRecords } from '../../../runtime/sink/sink-records.js'
import type { SinkDeps } from '../../../runtime/sink/sink-state.js'
import { sinkTask } from '../../../runtime/sink/sink-task.js'
import { makePassRoom } from '../../../runtime/sink/snapshot/pass-room.js'
import type { Uploads } from '../../../runtime/sink/uploads.js'
import { makeSpecTable } from '../../../runtime/spec-table.js'

const never = { take: () => new Promise<never>(() => undefined), close: async () => undefined }
const topic = 'dataset-files.g1'

/**
 * A task that was revoked between its restore and taking up the datasets made a last flush: progress that named none of them. The next
 * owner then rendered every row again, beside the files that held it. Found by the simulation.
 */
test('a task that is stopped before it has taken up its datasets writes nothing', async () => {
  const log = memoryLog()
  await log.createTopics([{ name: topic, partitions: 1, replication: 1, config: {} }])
  const progress = { next: { 'events.video': 7 } as const, xapi: 9, received: 1, joined: { videos: [0] } }
  const writer = await log.writer()
  await writer.send([{ topic, partition: 0, records: [liveOut(0, progress)] }])
  const stop = new AbortController()
  const deps: SinkDeps = {
    log,
    live: never,
    catchUp: never,
    codec: {} as Codec,
    naming: { prefix: '', generation: 1 },
    specs: makeSpecTable(),
    // Revoked while the table is being read.
    specsCurrent: async () => stop.abort(),
    formats: new Map(),
    identity: () => (_host, name) => name,
    uploads: {} as Uploads,
    pieceBytes: 1,
    budget: makeOpenBudget({ bytes: 1, fileBytes: 1, tasks: 1 }),
    passRoom: makePassRoom(1),
    rollBytes: 1,
    bucketBytes: 1,
    keys: { admit: async revisions => revisions },
    tableKey: text => Buffer.from(text),
    keyFingerprint: '',
    openStore: () => memoryStateStore(),
    clusterId: '',
    logger: silentLogger,
    specsNext: () => 0,
    hints: { note: () => undefined, drop: () => undefined },
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined, uuid: () => '' },
    fault: noFault,
  }
  const tx = await log.claim('sink-0')
  await sinkTask(deps, 0).work({ tx, signal: stop.signal, running: () => undefined })
  expect((await readSinkRecords(log, topic, 0)).live).toEqual(progress)
  await log.close()
})
