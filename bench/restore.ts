/**
 * How long a task without a local store takes to be back: a `route-seen` partition of a million ids (1,000 a transaction, as after a
 * backfill) is read into an empty store on disk.
 *
 * node dist/bench/restore.js [--ids 1000000]
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaLog } from '../runtime/kafka/kafka-log.js'
import { packageRoot } from '../runtime/package-root.js'
import { readRange } from '../runtime/read-range.js'
import { seenEntries } from '../runtime/route/seen-entries.js'
import { lmdbStateStore } from '../runtime/state/lmdb-state-store.js'
import { decodeRouteSeen, encodeRouteSeen, seenKeyBytes } from '../schemas/route-seen.js'
import { startStack, stopStack } from '../stack/stack.js'

const { values: options } = parseArgs({ options: { ids: { type: 'string', default: '1000000' } } })
const ids = Number(options.ids)
const perTransaction = 1000
const root = packageRoot()
const dataDir = join(root, '.tributary', 'bench-restore')
const stack = await startStack({
  root,
  dataDir,
  env: process.env,
  only: ['kafka'],
  fresh: true,
  events: { step: text => process.stderr.write(`${text}\n`) },
})
const log = kafkaLog({ brokers: stack.brokers, clientId: 'bench', compression: 'lz4' })
try {
  const topic = 'route-seen'
  await log.createTopics([{ name: topic, partitions: 1, replication: 1, config: {} }])
  const tx = await log.claim('bench')
  for (let done = 0; done < ids; done += perTransaction) {
    // 150 days of a term, as the keys begin with the day.
    const keys = Array.from({ length: perTransaction }, () => {
      const key = randomBytes(seenKeyBytes)
      key.writeUInt16BE(20_000 + (key[15]! % 150), 0)
      return key
    })
    await tx.send([{ topic, partition: 0, records: [{ key: null, value: encodeRouteSeen(done + perTransaction, keys) }] }])
    await tx.commit()
  }
  const store = lmdbStateStore(join(dataDir, 'store'))
  const { stable } = (await log.watermarks(topic, [0])).get(0)!
  const reader = log.reader()
  const header = Buffer.from('a bench')
  const began = performance.now()
  let packs: Buffer[] = []
  await readRange(reader, { topic, partition: 0, from: 0, to: stable }, records => {
    for (const record of records) packs.push(Buffer.concat(decodeRouteSeen(record.value!).keys))
    if (packs.length * perTransaction * seenKeyBytes < 1 << 20) return
    store.merge({ puts: seenEntries(packs) }, header)
    packs = []
  })
  store.merge({ puts: seenEntries(packs) }, header)
  const seconds = (performance.now() - began) / 1000
  await store.close()
  const result = {
    bench: 'restore',
    at: new Date().toISOString(),
    ids,
    seconds: Number(seconds.toFixed(2)),
    idsPerSecond: Math.round(ids / seconds),
    versions: { kafka: '4.3.1' },
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  const folder = join(root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `restore-${result.at.slice(0, 16).replace(':', '')}.json`), `${JSON.stringify(result, null, 2)}\n`)
} finally {
  await log.close()
  await stopStack(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
}
