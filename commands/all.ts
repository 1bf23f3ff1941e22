import { backfillCommand } from './backfill.js'
import type { Command } from './command.js'
import { configCommand } from './config.js'
import { datasetApply } from './dataset-apply.js'
import { datasetDownload } from './dataset-download.js'
import { datasetList } from './dataset-list.js'
import { datasetPin } from './dataset-pin.js'
import { datasetPins } from './dataset-pins.js'
import { datasetShow } from './dataset-show.js'
import { datasetUnpin } from './dataset-unpin.js'
import { datasetWait } from './dataset-wait.js'
import { deadLettersDiscard } from './dead-letters-discard.js'
import { deadLettersList } from './dead-letters-list.js'
import { deadLettersReplay } from './dead-letters-replay.js'
import { deadLettersShow } from './dead-letters-show.js'
import { demoCommand } from './demo.js'
import { docsCommand } from './docs.js'
import { downCommand } from './down.js'
import { explainCommand } from './explain.js'
import { followCommand } from './follow.js'
import { gcCommand } from './gc.js'
import { healthCommand } from './health.js'
import { inspectCommand } from './inspect.js'
import { resetCommand } from './reset.js'
import { runCommand } from './run.js'
import { stackStatusCommand } from './stack-status.js'
import { statusCommand } from './status.js'
import { topicsApply } from './topics-apply.js'
import { topicsCheck } from './topics-check.js'
import { topicsCreate } from './topics-create.js'
import { topologyCommand } from './topology.js'
import { upCommand } from './up.js'
import { verifyCommand } from './verify.js'

/** In the order of the help: what a newcomer needs first stands first. */
export const commands: readonly Command[] = [
  demoCommand,
  upCommand,
  downCommand,
  stackStatusCommand,
  runCommand,
  healthCommand,
  backfillCommand,
  followCommand,
  datasetApply,
  datasetList,
  datasetShow,
  datasetWait,
  datasetDownload,
  datasetPin,
  datasetPins,
  datasetUnpin,
  statusCommand,
  inspectCommand,
  explainCommand,
  deadLettersList,
  deadLettersShow,
  deadLettersReplay,
  deadLettersDiscard,
  verifyCommand,
  gcCommand,
  resetCommand,
  topologyCommand,
  topicsApply,
  topicsCheck,
  topicsCreate,
  configCommand,
  docsCommand,
]

export const groups: Readonly<Record<string, string>> = {
  stack: 'The local Kafka, schema registry and object store.',
  dataset: 'What researchers ask for, and what has become of it.',
  'dead-letters': 'Statements that were refused, and what becomes of them.',
  topics: 'The Kafka topics that Tributary uses.',
}
