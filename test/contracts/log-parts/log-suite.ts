import { randomUUID } from 'node:crypto'
import type { FetchPosition, Log, LogReader, LogRecord, TransactionalWriter } from '../../../runtime/log.js'
import { isTributaryError } from '../../../schemas/errors.js'
import type { LogUnderTest } from './log-under-test.js'

/** What all parts of the contract are tried with: one log, and topics of their own that are removed in the end. */
export interface LogSuite {
  readonly under: LogUnderTest
  readonly log: Log
  topic(partitions?: number, config?: Record<string, string>): Promise<string>
  id(): string
  withReader<T>(work: (reader: LogReader) => Promise<T>, from?: Log): Promise<T>
  /** Reads from `position` until the stable offset (or its end) and returns all, with the steps it took. */
  readAll(
    position: FetchPosition,
    maxBytesPerPartition?: number,
  ): Promise<{ values: (string | null)[]; records: LogRecord[]; next: number; fetches: number }>
  valuesOf(name: string, partition?: number): Promise<(string | null)[]>
  /** What it fails with. */
  fails(work: Promise<unknown>): Promise<unknown>
  expectFenced(writer: TransactionalWriter): Promise<void>
}

/** Made before the tests of the enclosing `describe`, and closed after them. */
export function logSuite(makeLog: () => Promise<LogUnderTest>): LogSuite {
  let under: LogUnderTest
  const topics: string[] = []

  beforeAll(async () => {
    under = await makeLog()
    await under.log.selfTest()
  })
  afterAll(async () => {
    await under?.log.deleteTopics(topics)
    await under?.small.close()
    await under?.log.close()
  })

  const suite: LogSuite = {
    get under() {
      return under
    },
    get log() {
      return under.log
    },
    async topic(partitions = 1, config = {}) {
      const made = `contract-${randomUUID()}`
      topics.push(made)
      const usual = { 'message.timestamp.type': 'LogAppendTime', ...config }
      await under.log.createTopics([{ name: made, partitions, replication: 1, config: usual }])
      return made
    },
    id: () => `contract-${randomUUID()}`,
    async withReader(work, from = under.log) {
      const reader = from.reader()
      try {
        return await work(reader)
      } finally {
        await reader.close()
      }
    },
    readAll: (position, maxBytesPerPartition = 1_000_000) =>
      suite.withReader(async reader => {
        const records: LogRecord[] = []
        let next = position.offset
        for (let fetches = 1; ; fetches++) {
          const [fetched] = await reader.fetch([{ ...position, offset: next }], { maxWaitMs: 0, maxBytes: 8_000_000, maxBytesPerPartition })
          records.push(...fetched!.records.map(keep))
          const step = fetched!.next - next
          next = fetched!.next
          const end = Math.min(position.end ?? fetched!.stable, fetched!.stable)
          if (next >= end) return { values: records.map(r => r.value?.toString() ?? null), records, next, fetches }
          if (step === 0) throw new Error(`no progress at ${next} of ${end}`)
        }
      }),
    valuesOf: async (name, partition = 0) => (await suite.readAll({ topic: name, partition, offset: 0 })).values,
    fails: work =>
      work.then(
        () => {
          throw new Error('it did not fail')
        },
        error => error,
      ),
    async expectFenced(writer) {
      expect(isTributaryError(await suite.fails(writer.recover()), 'FENCED')).toBe(true)
    },
  }
  return suite
}

/** Read out: a view is good until the next fetch. */
const keep = ({ offset, timestamp, headers, key, value }: LogRecord): LogRecord => ({ offset, timestamp, headers, key, value })
