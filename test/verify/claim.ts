import { ledgerWriter } from '../../runtime/sources/source-ledger.js'
import { decodeSourcesRecord } from '../../schemas/sources.js'
import { recordsOf } from '../driver/results.js'
import type { World } from '../driver/world.js'

/** The fault put back: a copy of every run says that it has loaded the section whole, whatever it was asked for. */
export async function claimWholeSection(world: World, section: string): Promise<void> {
  const records = await recordsOf(world, 'sources')
  const writer = await world.services.log.writer()
  try {
    for (const { key, value } of records) {
      const record = decodeSourcesRecord(key!.toString(), value!)
      if (record.is !== 'run') continue
      const loads = { sections: [section], categories: {} }
      await ledgerWriter(world.services, writer).run(`${record.id}-claims`, { ...record.run, loads })
    }
  } finally {
    await writer.close()
  }
}
