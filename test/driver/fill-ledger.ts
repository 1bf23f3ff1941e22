import { openCodec } from '../../runtime/registry/codec.js'
import { routeLedgerKey } from '../../schemas/route-ledger.js'
import { plainLedger } from './plain-ledger.js'
import { append } from './publish.js'
import type { World } from './world.js'

/** What commits of hours leave in partition 0: records of 50 sections that are long over. */
export async function fillLedger(world: World, count: number): Promise<void> {
  const codec = await openCodec(world.services.registry, world.services.naming)
  const records = Array.from({ length: count }, (_, n) => {
    const ledger = { ...plainLedger, host: 'one.oli.test', section: String(1000 + (n % 50)), events: { page_viewed: n } }
    return { key: Buffer.from(routeLedgerKey(ledger)), value: codec.encodeLedger(ledger) }
  })
  await append(world, 'route-ledger', 0, records)
}
