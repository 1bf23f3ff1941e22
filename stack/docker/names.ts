import { createHash } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Of the containers and volumes of one data folder: two checkouts have different ones. */
export function projectOf(dataDir: string): string {
  return `tributary-${digest(dataDir).toString('hex').slice(0, 8)}`
}

/** Kafka's form, 16 bytes; the same for as long as the volume is, which holds it too. A dash in front would be an option to Kafka's tools. */
export function clusterOf(dataDir: string): string {
  return `T${digest(`cluster of ${dataDir}`).toString('base64url').slice(0, 20)}A`
}
