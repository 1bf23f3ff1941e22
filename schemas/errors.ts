/** What can go wrong with the infrastructure or the request, as a person sees it. `docs/errors.md` is made from this table. */
export interface ErrorRow {
  readonly says: string
  readonly todo: string
  /** True: the same call may work later, so the task waits and resumes. */
  readonly retry: boolean
  /** Who has to act. */
  readonly who: 'nobody' | 'operator' | 'researcher' | 'developer'
}

const rows = {
  KAFKA_UNREACHABLE: {
    says: 'no Kafka broker answers',
    todo: 'check KAFKA_BROKERS, or start the local stack with `tributary up`',
    retry: true,
    who: 'operator',
  },
  KAFKA_UNSUPPORTED: {
    says: 'the Kafka cluster lacks what exactly-once needs',
    todo: 'use Kafka >= 4.0 with transaction.version 2 (`kafka-features upgrade`)',
    retry: false,
    who: 'operator',
  },
  KAFKA_CLIENT_CHANGED: {
    says: 'an internal of kafkajs that is relied on is not there',
    todo: 'install the pinned kafkajs version (`npm ci`)',
    retry: false,
    who: 'developer',
  },
  KAFKA_REQUEST: { says: 'a Kafka request was refused', todo: 'see the broker error code in the message', retry: true, who: 'operator' },
  CORRUPT_BATCH: {
    says: 'a record batch is damaged or uses an unknown codec',
    todo: 'check the broker disk; read the partition with another tool',
    retry: false,
    who: 'operator',
  },
  MESSAGE_TOO_LARGE: {
    says: 'a record is larger than the topic allows',
    todo: 'raise MAX_STATEMENT_BYTES and the topic limit together',
    retry: false,
    who: 'operator',
  },
  FENCED: { says: 'another instance owns this task now', todo: 'nothing: this instance lets the task go', retry: false, who: 'nobody' },
  ROLES_LIVE: {
    says: 'roles are running on what would be taken from under them',
    todo: 'stop every `tributary run`, wait until `tributary status` shows no process (10 s after a kill), then repeat',
    retry: false,
    who: 'operator',
  },
  OFFSET_LOST: {
    says: 'the position of a task is outside of what its topic still holds',
    todo: '`tributary topics check` names a retention that is set; then `tributary reset` makes all from `xapi` again',
    retry: false,
    who: 'operator',
  },
  READ_STUCK: {
    says: 'reading a partition makes no progress',
    todo: 'look at the partition with another tool, and tell the developers',
    retry: true,
    who: 'developer',
  },
  RESTORE_SHORT: {
    says: 'a task was restored from less than its log holds',
    todo: 'nothing: it is restored again; if it goes on, Kafka has lost acknowledged records: check its disks and replication, then `tributary reset`',
    retry: true,
    who: 'nobody',
  },
  ID_RULES_DIFFER: {
    says: 'events have their ids by the rules of another release',
    todo: 'stop every `tributary run`, then `tributary reset`: all events are made from `xapi` again (docs/operations.md, releases); or go back to that release',
    retry: false,
    who: 'operator',
  },
  GENERATION_OLDER: {
    says: 'the derived topics are of an older generation',
    todo: 'stop every `tributary run` of the older release, then `tributary reset`: all is made from `xapi` again (docs/operations.md, upgrade); or go back to that release',
    retry: false,
    who: 'operator',
  },
  TRANSACTION_LEFT_OPEN: {
    says: 'a broker has left a transaction open that was decided',
    todo: 'nothing: it is ended when the task has claimed again; if it goes on, let Tributary alter the cluster (docs/operations.md, permissions)',
    retry: true,
    who: 'operator',
  },
  TOPIC_MISMATCH: {
    says: 'a topic is not as Tributary needs it',
    todo: '`tributary topics check` names what differs, `tributary topics apply` sets it; a number of partitions stays as it was made',
    retry: false,
    who: 'operator',
  },
  TOPIC_MISSING: { says: 'a topic does not exist', todo: 'run `tributary topics create`', retry: false, who: 'operator' },
  REGISTRY_UNREACHABLE: {
    says: 'the schema registry does not answer',
    todo: 'check SCHEMA_REGISTRY_URL, or start the local stack with `tributary up`',
    retry: true,
    who: 'operator',
  },
  REGISTRY_REFUSED: {
    says: 'the schema registry refused a request',
    todo: 'check the user name and the password in SCHEMA_REGISTRY_URL, and what that user may do',
    retry: false,
    who: 'operator',
  },
  SCHEMA_REFUSED: {
    says: 'a schema cannot be registered',
    todo: 'it must be a valid Avro record, and BACKWARD compatible with those of its subject: give new fields a default',
    retry: false,
    who: 'developer',
  },
  SCHEMA_UNKNOWN: {
    says: 'a record names a schema that the registry does not have',
    todo: 'check that SCHEMA_REGISTRY_URL is the registry the writer used',
    retry: true,
    who: 'operator',
  },
  SCHEMA_DIFFERS: {
    says: 'a record has a form that this release does not read',
    todo: 'another release or another program has written it: read it with that one; after an upgrade, stop every `tributary run`, then `tributary reset`',
    retry: false,
    who: 'operator',
  },
  S3_UNREACHABLE: { says: 'the object store does not answer', todo: 'check S3_ENDPOINT and the network', retry: true, who: 'operator' },
  S3_REFUSED: {
    says: 'the object store refused a request',
    todo: 'check the bucket, its policy and the credentials',
    retry: false,
    who: 'operator',
  },
  S3_BUCKET_MISSING: {
    says: 'the object store has no such bucket',
    todo: 'check the name and the account; the sinks make the bucket of the datasets, no other is made',
    retry: false,
    who: 'operator',
  },
  AWS_CREDENTIALS: {
    says: 'there are no AWS credentials',
    todo: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN, where they are temporary) or AWS_PROFILE, log in again (`aws sso login`), or give the pod or the machine a role; or start the local stack with `tributary up`',
    retry: true,
    who: 'operator',
  },
  QUEUE_UNREACHABLE: { says: 'the queue does not answer', todo: 'check FOLLOW_QUEUE_URL and the network', retry: true, who: 'operator' },
  QUEUE_REFUSED: {
    says: 'the queue refused a request',
    todo: 'check the URL of the queue, its policy and the credentials',
    retry: false,
    who: 'operator',
  },
  S3_CONTENT_DIFFERS: {
    says: 'an object exists under this name with another content',
    todo: 'find out who else writes below the dataset prefix',
    retry: false,
    who: 'operator',
  },
  NOTHING_TO_READ: {
    says: 'no object is to be read',
    todo: 'correct --section, --prefix, --category, --since or --until; `--dry-run` reads nothing',
    retry: false,
    who: 'operator',
  },
  FILE_DAMAGED: {
    says: 'a file of a dataset is not in S3 as it was listed',
    todo: 'find out who changes objects below the dataset prefix; `verify` names all such files; apply a changed spec to make all files again',
    retry: false,
    who: 'operator',
  },
  SOURCE_CHANGED: { says: 'a source object changed while it was read', todo: 'run the backfill again', retry: true, who: 'operator' },
  SPEC_INVALID: { says: 'the dataset spec has mistakes', todo: 'correct the named fields', retry: false, who: 'researcher' },
  DATASET_UNKNOWN: {
    says: 'there is no such dataset',
    todo: '`tributary dataset list` shows all; `dataset apply` asks for one, and it is published within seconds',
    retry: false,
    who: 'researcher',
  },
  VERSION_GONE: {
    says: 'this version of the dataset is not there, or not whole any more',
    todo: 'take one that is there: those of the last 24 hours, the last of each of 30 days, and what `dataset pins` lists',
    retry: false,
    who: 'researcher',
  },
  PIN_UNKNOWN: {
    says: 'no such version is pinned',
    todo: '`tributary dataset pins` lists all',
    retry: false,
    who: 'researcher',
  },
  GC_RUNNING: {
    says: 'a `gc` is at work on this dataset, and may be removing files of this version',
    todo: 'try again when it has ended; one that was killed is forgotten after two hours',
    retry: true,
    who: 'researcher',
  },
  CONFIG_INVALID: {
    says: 'the configuration has mistakes',
    todo: 'correct the named settings (`tributary config` lists all)',
    retry: false,
    who: 'operator',
  },
  PSEUDONYM_KEY_DIFFERS: {
    says: 'the pseudonyms of a dataset were made with another key',
    todo: 'give this instance the key that the others have; to change the key for good, give it to all and run `tributary dataset apply FILE --new-revision`',
    retry: false,
    who: 'operator',
  },
  PSEUDONYM_KEY_PUBLIC: {
    says: 'the pseudonym key is that of the compose file, which everybody knows',
    todo: 'make one (`openssl rand -hex 32`), set it as PSEUDONYM_KEY, for Compose in the file `.env`, and start again; where all learners are made up, set ALLOW_PUBLIC_KEY=true',
    retry: false,
    who: 'operator',
  },
  STORE_UNUSABLE: {
    says: 'a local state folder is in use or unreadable',
    todo: 'stop the other instance, or give this one another DATA_DIR',
    retry: false,
    who: 'operator',
  },
  DISK_FULL: {
    says: 'the disk has no room',
    todo: 'make room on it: a role gives its tasks to others until then, and goes on by itself',
    retry: true,
    who: 'operator',
  },
  STORE_DAMAGED: {
    says: 'the local state of a task is damaged',
    todo: 'nothing: it is removed and rebuilt from the changelog; if it happens again, check the disk',
    retry: true,
    who: 'operator',
  },
  MACHINE_LACKS: { says: 'this machine lacks something', todo: 'install what is named', retry: false, who: 'operator' },
  DEMO_RUNNING: {
    says: 'a demo runs in this checkout already',
    todo: 'end it with Ctrl-C first, or give this one a folder of its own with TRIBUTARY_DATA_DIR',
    retry: false,
    who: 'operator',
  },
  ROLE_KEEPS_ENDING: {
    says: 'a role ends again and again',
    todo: 'read what it said last, fix that, and run it again: it resumes from its position',
    retry: false,
    who: 'operator',
  },
  WRONG_USAGE: { says: 'the command was not understood', todo: 'see --help', retry: false, who: 'operator' },
  INCOMPLETE: {
    says: 'the command ended before its work was complete',
    todo: 'run it again: it goes on where it stopped',
    retry: true,
    who: 'operator',
  },
} satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof rows

export const errors: Readonly<Record<ErrorCode, ErrorRow>> = rows

/** The one error class: `detail` says what was being done ("writing manifest: …"), the table says the rest. */
export class TributaryError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${code} ${errors[code].says} (${detail}). To fix: ${errors[code].todo}`, options)
    this.name = 'TributaryError'
    this.code = code
  }
  get retry(): boolean {
    return errors[this.code].retry
  }
}

/** `instanceof` is not enough where two realms meet (jest): the code decides. */
export function isTributaryError(error: unknown, ...codes: readonly ErrorCode[]): error is TributaryError {
  const given = (error as { code?: unknown } | null)?.code
  return typeof given === 'string' && given in errors && (codes.length === 0 || codes.includes(given as ErrorCode))
}
