/** Names of record headers. Values are UTF-8 text. */
export const headers = {
  /** `s3://bucket/key#line` or `http:<credential>`. */
  source: 'source',
  /** ISO time of entry; absent = append time. */
  received: 'received',
  /** On control records of a backfill run: their kind. The record's value is the marker. */
  marker: 'marker',
  /** `partition/offset` a record was moved from. */
  placed: 'placed',
  /** An id that ingest gave to a statement without one. */
  assignedId: 'assigned-id',
  /** On derived records: event id, 32 hex digits. On dead letters: their id. */
  id: 'id',
  /** Event time, ISO. */
  at: 'at',
  /** `partition/offset` in `xapi`. */
  src: 'src',
  /** On dead letters: why, and where the bytes came from. */
  code: 'code',
  reason: 'reason',
  topic: 'topic',
  partition: 'partition',
  offset: 'offset',
  /** On dead letters of records over the message limit: length and SHA-256 of the whole, of which only the beginning is kept. */
  length: 'length',
  sha256: 'sha256',
  /** On `xapi` records that replay a dead letter: its id. Refused again, they are the same dead letter. */
  replay: 'replay',
  /** On specs in `datasets`: the number of the rules by which the revision is made. */
  rules: 'rules',
  /** And which revision of the dataset it is, from 1: for people. Its number everywhere else is its offset. */
  revision: 'revision',
} as const
