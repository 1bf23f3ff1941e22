import type { Manifest } from '../schemas/manifest.js'

/** Times in the log, ms since 1970, as a manifest's claim is judged by them. */
export interface AppendTimes {
  /** Topic id of `xapi`: offsets of one that was made again cannot be compared. */
  readonly xapiId: string
  /** Of the first committed record of a partition of `xapi` at or after an offset; null = there is none. */
  firstAt(partition: number, offset: number): Promise<number | null>
  /** Of the newest record of each partition of `dataset-files`, as of now; 0 = there is none. */
  filesAt(): Promise<readonly number[]>
}

/**
 * `completeThrough` says that all that had entered by then is in. So behind the positions nothing has an earlier time; and where nothing is
 * behind them, the log must have got as far as that time: no record can vouch for a time that it has not seen.
 */
export async function checkCompleteThrough({ completeThrough, positions, log, sections }: Manifest, times: AppendTimes): Promise<string[]> {
  if (completeThrough === null || (log !== undefined && log.xapi !== times.xapiId)) return []
  const problems: string[] = []
  const through = Date.parse(completeThrough)
  if (Number.isNaN(through)) return [`completeThrough is ${completeThrough}, which is no time`]
  for (const { host, section, history } of sections)
    if (history !== 'loaded') problems.push(`completeThrough is ${completeThrough}, and the history of ${host}|${section} is ${history}`)
  // The manifest was read before: since then these times have only grown.
  const filesAt = await times.filesAt()
  for (const { partition, xapi } of positions) {
    const says = `completeThrough is ${completeThrough}, and`
    if (xapi === null) {
      problems.push(`${says} partition ${partition} is catching up`)
      continue
    }
    const first = await times.firstAt(partition, xapi)
    if (first !== null && first < through)
      problems.push(`${says} xapi/${partition} has a record of ${new Date(first).toISOString()} behind offset ${xapi}, which is not in`)
    const newest = filesAt[partition] ?? 0
    if (newest < through) {
      const seen = newest === 0 ? 'no record' : `none after ${new Date(newest).toISOString()}`
      problems.push(`${says} dataset-files/${partition} has ${seen}: the log cannot vouch for that time`)
    }
  }
  return problems
}
