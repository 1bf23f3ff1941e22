import type { DatasetStatus, FollowStatus, Status } from '../runtime/status.js'
import { notTakenLines } from './not-taken-text.js'
import type { RoleTrend, Trend } from './status-trend.js'
import { duration, number } from './terminal/format.js'
import { sparkline } from './terminal/sparkline.js'
import { type Cell, pairs, table } from './terminal/table.js'

/** `stale`: what is not known now is shown as it was known last. */
export function statusText(status: Status, trend: Trend | null = null, stale = false, columns?: number): string {
  const { totals, datasets, backfills, follows } = status
  return [
    ...unknownText(status, stale),
    rolesText(status, trend, columns),
    '',
    pairs([
      ['statements (xapi)', totals.statements],
      ['events', totals.events],
      ['duplicates', totals.duplicates],
      ['dead letters', deadLettersText(totals)],
      ['behind', behindText(totals)],
    ]),
    ...(datasets.length > 0 ? ['', datasetsText(datasets, trend, columns)] : []),
    ...(backfills.length > 0 ? ['', backfillsText(backfills, columns)] : []),
    ...(follows.length > 0 ? ['', followsText(follows, columns)] : []),
    // Last: on a small screen it is what can be missed best.
    '',
    partitionsText(status, columns),
  ].join('\n')
}

const servers = { kafka: 'Kafka', registry: 'schema registry', s3: 'S3' } as const

/** Above the rest: a `?` below is not nothing. */
function unknownText({ unknown }: Status, stale: boolean): string[] {
  if (unknown.length === 0) return []
  const what = stale ? 'what it knows is shown as it was' : 'what it knows is shown as ?'
  return [...unknown.map(({ server, why }) => `${servers[server]}: ${why}; ${what}`), '']
}

function rolesText({ roles }: Status, trend: Trend | null, columns?: number): string {
  const base = ['role', 'processes', 'tasks', 'lag', 'last commit']
  return table(
    trend === null ? base : [...base, 'pace', 'trend'],
    roles.map(each => {
      const { role, members, tasks, of, lag, committedSeconds } = each
      const cells = [
        role,
        members === undefined ? undefined : members === 0 ? 'none' : number(members),
        tasks === undefined ? undefined : `${tasks} of ${of}`,
        lag,
        committedText(role, committedSeconds),
      ]
      return trend === null ? cells : [...cells, ...trendCells(role === 'publish' || role === 'follow' ? null : trend.of(role))]
    }),
    columns,
  )
}

function committedText(role: Status['roles'][number]['role'], seconds: number | null | undefined): Cell {
  // What a follow did last stands in its own table.
  if (role === 'follow' || seconds === undefined) return role === 'follow' ? null : undefined
  return seconds === null ? 'never' : `${duration(seconds)} ago`
}

function trendCells(trend: RoleTrend | null): [pace: string | null, trend: string | null] {
  if (trend === null) return [null, null]
  const { rate, lagRate, secondsLeft, lags } = trend
  const way = Math.abs(lagRate) < 0.5 ? 'steady' : lagRate > 0 ? `+${number(lagRate)}/s` : `${number(lagRate)}/s`
  return [`${number(rate)}/s`, `${sparkline(lags.slice(-20))} ${way}${secondsLeft === null ? '' : `, there in ${duration(secondsLeft)}`}`]
}

function deadLettersText({ deadLetters, refused, decided }: Status['totals']): Cell {
  if (deadLetters === undefined || refused === undefined) return undefined
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
  const behind = Object.entries({ route: routeLag, aggregates: aggregateLag, sinks: sinkLag }).filter(([, lag]) => lag !== 0)
  return behind.length === 0 ? 'nothing' : behind.map(([role, lag]) => `${role} ${lag === undefined ? '?' : number(lag)}`).join(', ')
}

/** Of many partitions only those that lag say something. */
const mostPartitions = 16

function partitionsText({ partitions }: Status, columns?: number): string {
  const lagging = partitions.filter(({ route, aggregate, sink }) => route?.lag !== 0 || aggregate?.lag !== 0 || sink?.lag !== 0)
  const shown = partitions.length <= mostPartitions ? partitions : lagging.slice(0, mostPartitions)
  const more = partitions.length - shown.length
  return [
    table(
      ['partition', 'end', 'route', 'lag', 'aggregates', 'lag', 'sinks', 'lag'],
      shown.map(p => [
        p.partition,
        p.end,
        p.route?.position,
        p.route?.lag,
        p.aggregate?.position,
        p.aggregate?.lag,
        p.sink?.position,
        p.sink?.lag,
      ]),
      columns,
    ),
    ...(more > 0 ? [`… and ${number(more)} more${lagging.length <= shown.length ? ', which are not behind' : ''}`] : []),
  ].join('\n')
}

export function datasetsText(datasets: readonly DatasetStatus[], trend: Trend | null = null, columns?: number): string {
  const base = ['dataset', 'kind', 'state', 'rows', 'files', 'version', 'complete through', 'age']
  const shown = table(
    trend === null ? base : [...base, 'trend'],
    datasets.map(d => [
      d.id,
      d.kind,
      d.state,
      d.rows,
      d.files,
      d.version,
      d.completeThrough,
      d.ageSeconds == null ? d.ageSeconds : duration(d.ageSeconds),
      ...(trend === null ? [] : [sparkline(trend.ages(d.id).slice(-20)) || null]),
    ]),
    columns,
  )
  return [shown, ...datasets.flatMap(stoppedText)].join('\n')
}

function stoppedText({ id, stopped = [] }: DatasetStatus): string[] {
  if (stopped.length === 0) return []
  return [`${id} stopped:`, ...stopped.map(why => `  ${why}`), '  `tributary reset` makes them again from xapi']
}

function backfillsText(backfills: Status['backfills'], columns?: number): string {
  const withObjects = backfills.map(run => ({ ...run, left: run.notTaken.reduce((sum, { objects }) => sum + objects, 0) }))
  return [
    table(
      ['backfill', 'state', 'objects', 'not taken', 'lines', 'refused'],
      withObjects.map(run => [run.id, run.state, run.objects, run.left, run.lines, run.refused]),
      columns,
    ),
    // Of the newest that left some: an older one most often says the same.
    ...withObjects
      .filter(({ left }) => left > 0)
      .slice(0, 1)
      .flatMap(({ id, notTaken }) => [`backfill ${id}:`, ...notTakenLines(notTaken)]),
  ].join('\n')
}

function followsText(follows: readonly FollowStatus[], columns?: number): string {
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
    columns,
  )
}
