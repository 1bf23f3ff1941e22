import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { forTests } from '../kafka-config.js'
import type { PartName, Profile } from '../services.js'
import type { Credentials } from '../state.js'
import { clusterOf, projectOf } from './names.js'

/** One container: the server that docker-compose.yml has, with the ports, credentials and data of a data folder. */
export interface ContainerSpec {
  readonly name: string
  readonly image: string
  /** It finds itself by this name. */
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[] | null
  readonly user: string | null
  /** Paths inside that no volume is wanted for. */
  readonly tmpfs: readonly string[]
  readonly volume: { readonly name: string; readonly target: string }
  readonly port: { readonly inside: number; readonly here: number }
}

interface Service {
  readonly image: string
  readonly environment: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly user?: string
  readonly tmpfs?: readonly string[]
  readonly volumes: readonly [string]
  readonly ports: readonly [string]
}

export interface Placed {
  /** Of the package: docker-compose.yml lies there. */
  readonly root: string
  readonly dataDir: string
  readonly port: number
  readonly credentials: Credentials
  readonly profile: Profile
}

const portVariables: Readonly<Record<PartName, string>> = { kafka: 'KAFKA_PORT', registry: 'REGISTRY_PORT', s3: 'S3_PORT' }

export function composedServer(name: PartName, o: Placed): ContainerSpec {
  const file = readFileSync(join(o.root, 'docker-compose.yml'), 'utf8')
  const variables: Readonly<Record<string, string>> = {
    [portVariables[name]]: String(o.port),
    S3_ACCESS_KEY: o.credentials.accessKeyId,
    S3_SECRET_KEY: o.credentials.secretAccessKey,
  }
  const filled = (text: string) =>
    text.replace(/\$\{(\w+):-([^}]*)\}/g, (_, variable: string, absent: string) => variables[variable] ?? absent)
  const { [name]: service } = (parse(file) as { services: Readonly<Record<PartName, Service>> }).services
  const project = projectOf(o.dataDir)
  const [, here, inside] = filled(service.ports[0]).split(':')
  return {
    name: `${project}-${name}`,
    image: service.image,
    hostname: name,
    labels: { 'tributary.data-folder': o.dataDir },
    environment: {
      ...Object.fromEntries(Object.entries(service.environment).map(([key, value]) => [key, filled(value)])),
      ...(name === 'kafka' ? { CLUSTER_ID: clusterOf(o.dataDir) } : {}),
      ...(name === 'kafka' && o.profile === 'test' ? testVariables : {}),
    },
    command: service.command ?? null,
    user: service.user ?? null,
    tmpfs: service.tmpfs ?? [],
    volume: { name: `${project}-${name}`, target: service.volumes[0].split(':')[1]! },
    port: { inside: Number(inside), here: Number(here) },
  }
}

/** As the image of Kafka takes settings. */
const testVariables = Object.fromEntries(
  Object.entries(forTests).map(([name, value]) => [`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`, String(value)]),
)
