import { type RunRecord, runKeyOf } from '../../schemas/sources.js'
import type { Services } from '../services.js'
import { readSourcesRecord } from '../sources/read-record.js'

/** One backfill run as `sources` has it now. */
export async function readRun(services: Services, id: string): Promise<RunRecord | null> {
  const record = await readSourcesRecord(services, runKeyOf(id))
  return record?.is === 'run' ? record.run : null
}
