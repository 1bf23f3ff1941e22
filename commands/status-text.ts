import type { DatasetStatus, FollowStatus, Status } from '../runtime/status.js'
import { notTakenLines } from './not-taken-text.js'
import type { RoleTrend, Trend } from './status-trend.js'
import { duration, number } from './terminal/format.js'
import { sparkline } from './terminal/sparkline.js'
import { pairs, table } from './terminal/table.js'

export function statusText(status: Status, trend: Trend | null = null): string {
  const { totals, datasets, backfills, follows } = status
  return [
    rolesText(status, trend),
    '',
    pairs([
      ['statements (xapi)', totals.xapi],
      ['events', totals.events],
      ['duplicates', totals.duplicates],
      ['dead letters', deadLettersText(totals)],
      ['behind', behindText(totals)],
    ]),
    ...(datasets.length > 0 ? ['', datasetsText(datasets, trend)] : []),
    ...(backfills.length > 0 ? ['', backfillsText(backfills)] : []),
    ...(follows.length > 0 ? ['', followsText(follows)] : []),
    // Last: on a small screen it is what can be missed best.
    '',
    partitionsText(status),
  ].join('\n')
}

function rolesText({ roles }: Status, trend: Trend | null): string {
  const base = ['role', 'processes', 'tasks', 'lag', 'last commit']
  return table(
    trend === null ? base : [...base, 'pace', 'trend'],
    roles.map(each => {
      const { role, members, tasks, of, lag, committedSeconds } = each
      const cells = [
        role,
        members === 0 ? 'none' : number(members),
        `${tasks} of ${of}`,
        lag,
        committedSeconds === null ? 'never' : `${duration(committedSeconds)} ago`,
      ]
      return trend === null ? cells : [...cells, ...trendCells(role === 'publish' ? null : trend.of(role))]
    }),
  )
}

function trendCells(trend: RoleTrend | null): [pace: string | null, trend: string | null] {
  if (trend === null) return [null, null]
  const { rate, lagRate, secondsLeft, lags } = trend
  const way = Math.abs(lagRate) < 0.5 ? 'steady' : lagRate > 0 ? `+${number(lagRate)}/s` : `${number(lagRate)}/s`
  return [`${number(rate)}/s`, `${sparkline(lags.slice(-20))} ${way}${secondsLeft === null ? '' : `, there in ${duration(secondsLeft)}`}`]
}

function deadLettersText({ deadLetters, refused, decided }: Status['totals']): string {
  const codes = Object.entries(refused)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([code, n]) => `${code} ${number(n)}`)
  const done = [
    ...(decided.replayed > 0 ? [`${number(decided.replayed)} replayed`] : []),
    ...(decided.discarded > 0 ? [`${number(decided.discarded)} discarded`] : []),
  ]
  return [number(deadLetters), codes.length > 0 ? ` (${codes.join(', ')})` : '', done.length > 0 ? `; ${done.join(', ')}` : ''].join('')
}

function behindText({ routeLag, aggregateLag, sinkLag }: Status['totals']): string {
  const behind = Object.entries({ route: routeLag, aggregates: aggregateLag, sinks: sinkLag }).filter(([, lag]) => lag > 0)
  return behind.length === 0 ? 'nothing' : behind.map(([role, lag]) => `${role} ${number(lag)}`).join(', ')
}

/** Of many partitions only those that lag say something. */
const mostPartitions = 16

function partitionsText({ partitions }: Status): string {
  const lagging = partitions.filter(({ route, aggregate, sink }) => route.lag > 0 || aggregate.lag > 0 || sink.lag > 0)
  const shown = partitions.length <= mostPartitions ? partitions : lagging.slice(0, mostPartitions)
  const more = partitions.length - shown.length
  return [
    table(
      ['partition', 'end', 'route', 'lag', 'aggregates', 'lag', 'sinks', 'lag'],
      shown.map(p => [
        p.partition,
        p.end,
        p.route.position,
        p.route.lag,
        p.aggregate.position,
        p.aggregate.lag,
        p.sink.position,
        p.sink.lag,
      ]),
    ),
    ...(more > 0 ? [`… and ${number(more)} more${lagging.length <= shown.length ? ', which are not behind' : ''}`] : []),
  ].join('\n')
}

export function datasetsText(datasets: readonly DatasetStatus[], trend: Trend | null = null): string {
  const base = ['dataset', 'kind', 'state', 'rows', 'files', 'version', 'complete through', 'age']
  return table(
    trend === null ? base : [...base, 'trend'],
    datasets.map(d => [
      d.id,
      d.kind,
      d.state,
      d.rows,
      d.files,
      d.version,
      d.completeThrough,
      d.ageSeconds === null ? null : duration(d.ageSeconds),
      ...(trend === null ? [] : [sparkline(trend.ages(d.id).slice(-20)) || null]),
    ]),
  )
}

function backfillsText(backfills: Status['backfills']): string {
  const withObjects = backfills.map(run => ({ ...run, left: run.notTaken.reduce((sum, { objects }) => sum + objects, 0) }))
  return [
    table(
      ['backfill', 'state', 'objects', 'not taken', 'lines', 'refused'],
      withObjects.map(run => [run.id, run.state, run.objects, run.left, run.lines, run.refused]),
    ),
    // Of the newest that left some: an older one most often says the same.
    ...withObjects
      .filter(({ left }) => left > 0)
      .slice(0, 1)
      .flatMap(({ id, notTaken }) => [`backfill ${id}:`, ...notTakenLines(notTaken)]),
  ].join('\n')
}

function followsText(follows: readonly FollowStatus[]): string {
  return table(
    ['follow', 'of', 'by', 'waiting', 'newest upload', 'all before', 'said'],
    follows.map(f => [
      f.id,
      `${f.bucket}${[...f.sections.map(id => ` section ${id}`), ...f.prefixes.map(prefix => ` ${prefix}`), ...f.categories.map(name => ` ${name}`)].join(',')}`,
      f.queue === null ? 'listing' : 'queue',
      f.waiting,
      f.newestAt,
      f.through,
      `${duration(f.ageSeconds)} ago`,
    ]),
  )
}
