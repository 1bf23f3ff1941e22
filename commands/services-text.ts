import type { Addresses } from '../runtime/addresses.js'
import { pairs } from './terminal/table.js'

/** For people: the secret is for scripts (`stack status --json`), not for a screen that others see. */
export function servicesText(services: Addresses): string {
  return pairs([
    ['Kafka', services.brokers.join(',')],
    ['Registry', services.registry],
    [
      'S3',
      `${services.s3.endpoint}  (region ${services.s3.region}, key ${services.s3.accessKeyId}; the secret: tributary stack status --json)`,
    ],
  ])
}
