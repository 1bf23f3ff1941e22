import { IdTable } from './deep/id-table.js'

/** An event as its topic holds it: the id that its header gives. */
export interface ListedEvent {
  /** `topic/partition/offset` */
  readonly place: string
  readonly id: string
}

const shown = 20

/**
 * No event is there twice: one of them would be a row too many, in sums that add up. Takes 32 to 64 MB per million events of a partition.
 */
export async function eventsTwice(partition: number, events: AsyncIterable<readonly ListedEvent[]>): Promise<string[]> {
  const seen = new IdTable()
  const problems: string[] = []
  let twice = 0
  for await (const some of events)
    for (const { place, id } of some) {
      const bytes = Buffer.from(id, 'hex')
      if (bytes.length !== 16) problems.push(`${place}: its header id is ${JSON.stringify(id)}`)
      else if (seen.get(bytes) === undefined) seen.set(bytes, 0)
      else if (twice++ < shown) problems.push(`event twice: ${place} has id ${id}, which is in the events already`)
    }
  if (twice > shown) problems.push(`event twice: ${twice} in partition ${partition}`)
  return problems
}
