import { logSuite } from './log/log-suite.js'
import type { LogUnderTest } from './log/log-under-test.js'
import { membershipContract } from './log/membership.js'
import { positionsContract } from './log/positions.js'
import { recordsContract } from './log/records.js'
import { topicsContract } from './log/topics.js'
import { transactionsContract } from './log/transactions.js'
import { watermarksContract } from './log/watermarks.js'

/** The same of every kind of log. */
export function logContract(name: string, makeLog: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    const suite = logSuite(makeLog)
    recordsContract(suite)
    positionsContract(suite)
    watermarksContract(suite)
    transactionsContract(suite)
    topicsContract(suite)
    membershipContract(suite)
  })
}
