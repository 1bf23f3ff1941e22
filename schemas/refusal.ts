/** Why a record became a dead letter. Codes are contract: they are in headers, the ledger and manifests. */
export const refusalCodes = {
  invalid_json: 'not a JSON object',
  invalid_utf8: 'not valid UTF-8',
  missing_key: 'a key that its kind must have is absent or null',
  bad_value: 'a value has the wrong type or is outside of its range',
  too_large: 'longer than the message limit',
  cut_off: 'the compressed object is cut off or damaged here: what was readable came out',
  unforeseen: 'route itself failed on it: a fault of Tributary, to be sent again to a release that fixes it',
  misplaced_twice: 'placed by route once and still in the wrong partition',
} as const
export type RefusalCode = keyof typeof refusalCodes

/** A bad statement is a value, not an exception, until it reaches `dead-letters`. */
export interface Refusal {
  readonly code: RefusalCode
  /** What exactly, for a person: "context.extensions page_attempt_guid is absent". */
  readonly reason: string
}
