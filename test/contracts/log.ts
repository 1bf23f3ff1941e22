import { logSuite } from './log-parts/log-suite.js'
import type { LogUnderTest } from './log-parts/log-under-test.js'
import { membershipContract } from './log-parts/membership.js'
import { positionsContract } from './log-parts/positions.js'
import { recordsContract } from './log-parts/records.js'
import { topicsContract } from './log-parts/topics.js'
import { transactionsContract } from './log-parts/transactions.js'
import { watermarksContract } from './log-parts/watermarks.js'

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
