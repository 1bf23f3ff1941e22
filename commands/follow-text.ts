import type { FollowProgress, FollowSum } from '../runtime/follow/request.js'
import { countsLines } from './counts-text.js'
import { bytes, count, duration } from './terminal/format.js'
import { table } from './terminal/table.js'

export function followProgressText({ objects, lines, waiting, behindSeconds, newest }: FollowProgress): string {
  const queue = waiting === 0 ? 'nothing waits' : `${count(waiting, 'object')} waiting, ${duration(behindSeconds)} behind`
  return [count(objects, 'object'), count(lines, 'line'), queue, ...(newest === null ? [] : [`newest ${newest}`])].join('  ')
}

export function followSumText(sum: FollowSum): string {
  const { id, objects, gone, left, messages, seconds } = sum
  const outcomes = Object.entries(messages ?? {}).filter(([, n]) => n > 0)
  const others = [...(gone > 0 ? [`${gone} gone`] : []), ...(left > 0 ? [`${left} left, as the store refused them`] : [])]
  return [
    [`follow ${id}: ${count(objects, 'object')}, ${bytes(sum.bytes)} in ${duration(seconds)}`, ...others].join('; '),
    ...(outcomes.length > 0 ? ['', table(['messages', 'received'], outcomes), ''] : []),
    ...countsLines(sum),
  ].join('\n')
}
