/**
 * Named points between two effects. Tests make them throw, hang or kill the process; otherwise they do nothing.
 * The name is `<role>.<after or before what>`.
 */
export type FaultPoint =
  | 'route.afterClaim'
  | 'route.afterRestore'
  | 'route.afterMisplaced'
  | 'route.afterOutputs'
  | 'route.afterPosition'
  | 'route.afterCommit'
  | 'route.afterMerge'
  | 'aggregate.afterClaim'
  | 'aggregate.afterRestore'
  | 'aggregate.afterOutputs'
  | 'aggregate.afterCommit'
  | 'aggregate.afterMerge'
  | 'sink.afterClaim'
  | 'sink.afterUpload'
  | 'sink.afterRecords'
  | 'sink.afterCommit'
  | 'sink.afterMergeUpload'
  | 'sink.afterBucketUpload'
  | 'publish.afterLists'
  | 'publish.beforeNumbered'
  | 'publish.afterNumbered'
  | 'publish.afterManifest'
  | 'backfill.afterSend'
  | 'backfill.afterLedger'
  | 'backfill.afterEnd'
  | 'follow.afterSend'
  | 'follow.afterLedger'
  | 'follow.afterDelete'
  | 'follow.afterRecord'

export type Fault = (point: FaultPoint) => Promise<void> | void

export const noFault: Fault = () => undefined
