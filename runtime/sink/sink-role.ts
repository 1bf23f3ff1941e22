import { groupName, topicName } from '../../schemas/topics.js'
import { identityOf, isPublicKey, keyFingerprint, pseudonymIdentity } from '../../sinks/identity.js'
import { tableKeyOf } from '../../sinks/table-key.js'
import { followTail } from '../followed-tail.js'
import { makeHints } from '../hints.js'
import { feedOf, type RoleKit, runTasks } from '../role-kit.js'
import { isKeyRefused, pseudonymKey } from '../services.js'
import { makeSpecTable } from '../spec-table.js'
import { makeTail } from '../tail.js'
import { fanIn } from './merge.js'
import { makeOpenBudget } from './open-budget.js'
import { revisionKeys } from './revision-keys.js'
import type { SinkDeps } from './sink-state.js'
import { sinkTask } from './sink-task.js'
import { sideBySideBytes } from './snapshot/pass.js'
import { makePassRoom } from './snapshot/pass-room.js'
import { makeUploads } from './uploads.js'

const maxWaitMs = 200

/** Events to dataset files in S3. */
export async function runSinkRole(kit: RoleKit): Promise<void> {
  const { log, naming, config, clock, logger, store } = kit.services
  await store.ensureBucket(config.datasetsBucket)
  const secret = pseudonymKey(config)
  const key = Buffer.from(secret)
  const refuseAll = isKeyRefused(secret, config)
  const pseudonyms = pseudonymIdentity(key)
  const specs = makeSpecTable(clock.monotonic)
  const datasets = topicName('datasets', naming)
  const tail = makeTail(log, [{ topic: datasets, partitions: config.partitions, onRecord: specs.onRecord }])
  await tail.catchUp()
  const stop = new AbortController()
  const table = followTail(tail, clock, logger, stop.signal)
  const live = feedOf(kit.services, maxWaitMs)
  const catchUp = feedOf(kit.services, 0)
  const writer = await log.writer()
  const specsCurrent = () => table.current()
  const fingerprint = keyFingerprint(key)
  if (isPublicKey(fingerprint))
    logger.warn(
      { code: 'PSEUDONYM_KEY_PUBLIC' },
      refuseAll
        ? 'the pseudonym key is that of the compose file: datasets with pseudonyms are not written. `openssl rand -hex 32` makes a key'
        : 'the pseudonym key is that of the compose file: everybody can say whose the pseudonyms are',
    )
  const hints = makeHints(log, groupName('sink', naming), clock, kit.signal)
  const deps: SinkDeps = {
    log,
    live,
    catchUp,
    codec: kit.codec,
    naming,
    specs,
    specsCurrent,
    specsNext: partition => tail.positions(datasets)[partition]!,
    formats: new Map(kit.formats.map(format => [format.kind, format])),
    identity: spec => identityOf(spec.anonymize, pseudonyms),
    keys: revisionKeys({
      fingerprint,
      refuseAll,
      specs,
      specsCurrent,
      writer,
      naming,
      store,
      bucket: config.datasetsBucket,
      clock,
      logger,
    }),
    uploads: makeUploads(store, config.datasetsBucket, config.putsPerSecond, clock, logger),
    pieceBytes: config.pieceBytes,
    budget: makeOpenBudget({ bytes: config.openBytes, fileBytes: config.pieceBytes / fanIn, tasks: config.partitions }),
    passRoom: makePassRoom(sideBySideBytes),
    rollBytes: config.rollBytes,
    bucketBytes: config.bucketBytes,
    tableKey: tableKeyOf(key),
    keyFingerprint: fingerprint,
    openStore: kit.openStore,
    clusterId: (await log.selfTest()).clusterId,
    hints,
    clock,
    logger,
    fault: kit.fault,
  }
  try {
    await runTasks(kit, 'sink', topicName('events.attempt', naming), hints, partition => sinkTask(deps, partition))
  } finally {
    stop.abort()
    await table.ended
    await tail.close()
    await writer.close()
    await live.close()
    await catchUp.close()
  }
}
