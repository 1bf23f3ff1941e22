import { placesOf, topicName, transactionalId } from '../../schemas/topics.js'
import { openQuestion } from '../open-question.js'
import type { Task } from '../task.js'
import { catchUpOnce, joinThoseNear } from './catch-up.js'
import { flushLive } from './commit.js'
import { flushDue } from './due.js'
import { mergeOn } from './merging.js'
import { noteHints } from './note-hints.js'
import { liveQuestion, readLive } from './read-events.js'
import { readLedgerOnce } from './read-ledger.js'
import { followSpecs } from './revisions.js'
import { readSinkRecords } from './sink-records.js'
import { newSinkState, type SinkDeps, type SinkState } from './sink-state.js'
import { advanceTables, passTables } from './snapshot/due.js'
import { catchUpTables } from './snapshot/take-up.js'

/** The sink's task of one partition: events of all topics to the files of all datasets. */
export function sinkTask(deps: SinkDeps, partition: number): Task {
  return {
    transactionalId: transactionalId('sink', partition, deps.naming),
    writes: placesOf(['dataset-files'], partition, deps.naming),
    async work(context) {
      await deps.fault('sink.afterClaim')
      const topic = topicName('dataset-files', deps.naming)
      const records = await readSinkRecords(deps.log, topic, partition)
      // Whatever the former owner's progress names was in `datasets` before: a table that lags would take it for deleted, and unlist its files.
      await deps.specsCurrent()
      context.running()
      const state = newSinkState(deps, partition, context, records, new Map([[topic, records.end]]))
      try {
        await runSink(state)
      } finally {
        state.share.close()
        for (const table of state.tables.values()) await table.held.close()
      }
    },
  }
}

/** Reads, renders and flushes until the signal; see `flushLive` and `passOnce` for the order of effects. */
async function runSink(state: SinkState): Promise<void> {
  const { deps, context } = state
  const live = openQuestion(deps.live)
  let question = liveQuestion(state)
  while (!context.signal.aborted) {
    await followSpecs(state)
    const answered = live.ask(() => {
      question = liveQuestion(state)
      return question.positions
    })
    // With somebody catching up or a snapshot being written, live reading is looked after between two of their steps; else we wait for it.
    const busy = [await readLedgerOnce(state), await catchUpOnce(state), await catchUpTables(state), await passTables(state)]
    if (!busy.includes(true)) await answered
    const fetched = live.take()
    if (fetched !== null) await readLive(state, question, fetched)
    if (advanceTables(state)) state.tablesMoved = true
    const due = flushDue(state)
    if (due !== null) await flushLive(state, due)
    await mergeOn(state)
    if (fetched !== null) await joinThoseNear(state)
    noteHints(state)
  }
  // Revoked or stopping: what is open is made durable, so that the next owner has less to do. Not before the datasets were taken up:
  // progress that names none of them would make each begin again beside the files that it has.
  if (state.specsSeen >= 0) await flushLive(state, state.live.members)
}
