import { createHash } from 'node:crypto'
import { routePositions } from '../../runtime/route/route-positions.js'
import { deadLettersOf, rowsOf } from './results.js'
import { statesOf } from './states.js'
import type { World } from './world.js'

/** What has to be the same whatever happened on the way: rows, refusals, states, the sums, and what the checker finds. */
export async function outcomeOf(world: World, datasets: readonly string[]) {
  const rows: Record<string, unknown> = {}
  for (const id of datasets) {
    const { sha256, rows: all } = await rowsOf(world, id)
    rows[id] = { sha256, rows: all.length }
  }
  const letters = (await deadLettersOf(world)).map(({ code, source }) => `${code} ${source.slice(source.indexOf('section/'))}`)
  const { problems, ledger } = await world.verify()
  const states = createHash('sha256')
    .update(JSON.stringify(await statesOf(world)))
    .digest('hex')
  return { rows, letters, problems, events: ledger.events, states }
}

/** Where route stands in each partition of `xapi`, as it is committed. */
export const routedOf = ({ services }: World): Promise<readonly number[]> =>
  routePositions(services.log, services.naming, services.config.partitions)

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
