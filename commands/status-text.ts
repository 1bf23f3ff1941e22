import type { DatasetStatus, FollowStatus, Status } from '../runtime/status.js'
import { duration } from './terminal/format.js'
import { pairs, table } from './terminal/table.js'

export function statusText(status: Status): string {
  const { totals, partitions, datasets, backfills, follows } = status
  return [
    pairs([
      ['statements (xapi)', totals.xapi],
      ['events', totals.events],
      ['duplicates', totals.duplicates],
      ['dead letters', totals.deadLetters],
      ['behind', totals.routeLag === 0 && totals.sinkLag === 0 ? 'nothing' : `route ${totals.routeLag}, sinks ${totals.sinkLag}`],
    ]),
    '',
    table(
      ['partition', 'end', 'route', 'lag', 'sinks', 'lag'],
      partitions.map(p => [p.partition, p.end, p.route.position, p.route.lag, p.sink.position, p.sink.lag]),
    ),
    ...(datasets.length > 0 ? ['', datasetsText(datasets)] : []),
    ...(backfills.length > 0
      ? [
          '',
          table(
            ['backfill', 'state', 'objects'],
            backfills.map(run => [run.id, run.state, run.objects]),
          ),
        ]
      : []),
    ...(follows.length > 0 ? ['', followsText(follows)] : []),
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

export function datasetsText(datasets: readonly DatasetStatus[]): string {
  return table(
    ['dataset', 'kind', 'state', 'rows', 'files', 'version', 'complete through', 'age'],
    datasets.map(d => [
      d.id,
      d.kind,
      d.state,
      d.rows,
      d.files,
      d.version,
      d.completeThrough,
      d.ageSeconds === null ? null : duration(d.ageSeconds),
    ]),
  )
}
