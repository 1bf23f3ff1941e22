import type { RouteLedger } from '../../schemas/route-ledger.js'

/** A record of route's ledger of which nothing is said yet. */
export const plainLedger: RouteLedger = {
  partition: 0,
  host: null,
  section: null,
  rest: false,
  events: {},
  derived: 0,
  duplicates: 0,
  deadLetters: {},
  misplaced: 0,
  markers: 0,
  spans: {},
  position: null,
}
