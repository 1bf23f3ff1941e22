import type { Status } from '../runtime/status.js'
import { statusText } from './status-text.js'
import type { Trend } from './status-trend.js'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const nameOf = (item: unknown) => (isFields(item) ? (item.id ?? item.role ?? item.partition) : undefined)

/** In place of what is not known now (an absent field), what was known before. */
export function filledFrom(before: Status, now: Status): Status {
  return fill(before, now) as Status
}

function fill(before: unknown, now: unknown): unknown {
  if (Array.isArray(now) && Array.isArray(before))
    return now.map(item => {
      const name = nameOf(item)
      return name === undefined
        ? item
        : fill(
            before.find(other => nameOf(other) === name),
            item,
          )
    })
  if (!isFields(now) || !isFields(before)) return now
  return { ...before, ...Object.fromEntries(Object.entries(now).map(([key, value]) => [key, fill(before[key], value)])) }
}

/**
 * On top when it was read; while something is not known, since when what is shown of it is stale. `whole` is the last in which nothing was
 * unknown, `status` the newest; null = reading it ended in `error`.
 */
export function watchedText(whole: Status | null, status: Status | null, error: string | null, trend: Trend, columns?: number): string {
  if (status === null) {
    const top = [whole === null ? 'not known yet' : `stale since ${whole.at}`, ...(error === null ? [] : [error])].join('\n')
    return whole === null ? top : `${top}\n\n${statusText(whole, trend, false, columns)}`
  }
  if (status.unknown.length === 0 || whole === null) return `${status.at}\n\n${statusText(status, trend, false, columns)}`
  return `stale since ${whole.at}\n\n${statusText(filledFrom(whole, status), trend, true, columns)}`
}
