import { readStatus } from '../../runtime/read-status.js'
import { topology } from '../../topology.js'
import type { World } from './world.js'

/** Where everything stands: what a person needs to see of a wait that was in vain. */
export async function dump(world: World): Promise<string> {
  const status = await readStatus(world.services, topology).then(
    ({ partitions, totals, datasets, backfills, follows }) =>
      [
        ...partitions.map(
          p =>
            `partition ${p.partition}: end ${p.end}, route ${p.route?.position}, aggregate ${p.aggregate?.position}, sink ${p.sink?.position}`,
        ),
        `totals ${JSON.stringify(totals)}`,
        ...datasets.map(dataset => JSON.stringify(dataset)),
        ...backfills.map(run => JSON.stringify(run)),
        ...follows.map(follow => JSON.stringify(follow)),
      ].join('\n'),
    (error: unknown) => `status: ${String(error)}`,
  )
  return ['--- state', status, '--- said', ...world.said.slice(-30), ...world.shown.map(show => show()), '---'].join('\n')
}
