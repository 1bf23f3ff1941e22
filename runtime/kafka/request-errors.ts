import { TributaryError } from '../../schemas/errors.js'
import { errorName } from './broker-errors.js'

export function unreachable(doing: string, cause?: unknown): TributaryError {
  const why = (cause as { message?: unknown } | undefined)?.message
  return new TributaryError('KAFKA_UNREACHABLE', why === undefined ? doing : `${doing}: ${String(why)}`, { cause })
}

export function refused(doing: string, brokerCode: number): TributaryError {
  return new TributaryError('KAFKA_REQUEST', `${doing}: ${errorName(brokerCode)}`)
}
