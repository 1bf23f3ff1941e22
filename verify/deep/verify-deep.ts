import { AvroValues } from './avro-values.js'
import { checkDatasets } from './check-datasets.js'
import { checkStates } from './check-states.js'
import { collectEvents } from './collect-events.js'
import { collectLetters } from './collect-letters.js'
import type { DeepCounts, DeepTarget } from './deep-target.js'
import { Findings } from './findings.js'
import { judgeRecords } from './judge-records.js'
import { MovedRecords } from './moved-records.js'
import { type Check, openPartition, type PartitionView } from './partition-view.js'
import { type SourceChoice, SourceLines } from './source-lines.js'

export interface DeepVerdict {
  readonly problems: readonly string[]
  readonly deep: Readonly<DeepCounts>
}

/**
 * Recomputes the promises from what lies in S3 and Kafka, with readers, identity and filters of its own: every statement of every source
 * object is in `xapi`; every `xapi` record below route's position has exactly one outcome, once; the books of `route-ledger` are those of
 * the logs; every row of every dataset is an event that its spec selects, and every such event is a row;
 * the states of learners and sessions are what a fold of its own makes of the events.
 *
 * It may run while everything is at work: of each partition the ledger is read first, and all else is judged as of the position in it.
 * Not checked: columns with a notation of their own (see `expectedCells`); whether a refusal was right; CRCs.
 *
 * Memory: a hash of every source line (`IdTable`, 32 to 64 MB per million), and for one partition at a time the event ids (the same), the
 * dead letters (about 250 MB per million of those) and what states are made of (about 300 MB per million events); for one dataset at a time
 * the names of its learners (about 250 MB per million).
 */
export async function verifyDeep(target: DeepTarget, choice: SourceChoice, onProgress: (text: string) => void): Promise<DeepVerdict> {
  const findings = new Findings()
  const counts: DeepCounts = {
    objects: 0,
    changedObjects: 0,
    lines: 0,
    records: 0,
    events: 0,
    deadLetters: 0,
    states: 0,
    datasets: 0,
    skippedDatasets: 0,
    rows: 0,
    rowsWithoutPerson: 0,
  }
  const sources = new SourceLines(target, findings, counts)
  const avro = new AvroValues(id => target.schema(id))
  const check: Check = { target, avro, findings, counts, sources, moved: new MovedRecords() }
  await sources.read(choice, onProgress)
  // Before anything else is read: a copy that was placed anew is acknowledged before the position in the ledger passes its original.
  const views: PartitionView[] = []
  for (let partition = 0; partition < target.partitions; partition++) views.push(await openPartition(check, partition))
  for (let view = views.shift(); view !== undefined; view = views.shift()) {
    onProgress(`partition ${view.partition + 1} of ${target.partitions}`)
    await collectEvents(check, view)
    await collectLetters(check, view)
    await judgeRecords(check, view)
    await checkStates(check, view.partition)
  }
  check.moved.report(findings)
  await sources.reportMissing()
  await checkDatasets(check, onProgress)
  return { problems: findings.lines(), deep: counts }
}
