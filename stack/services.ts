import type { ErrorCode } from '../schemas/errors.js'

/** Where the three servers are, for a client. A part that was left out (`only`) has empty values. */
export interface Services {
  brokers: string[]
  /** Confluent-compatible base URL with its path. */
  registry: string
  s3: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string }
}

/** The registry's Confluent-compatible interface. */
export function registryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`
}

export type PartName = 'kafka' | 'registry' | 's3'

export const partNames: readonly PartName[] = ['kafka', 'registry', 's3']

export const unreachable: Readonly<Record<PartName, ErrorCode>> = {
  kafka: 'KAFKA_UNREACHABLE',
  registry: 'REGISTRY_UNREACHABLE',
  s3: 'S3_UNREACHABLE',
}

/** What the servers run as. */
export const stackKinds = ['processes', 'docker'] as const
export type StackKind = (typeof stackKinds)[number]

/** What a person sees while the stack starts. Nothing in `stack/` writes to a terminal. */
export interface StackEvents {
  step(text: string): void
  /** Megabytes fetched, of how many. */
  progress?(what: string, doneMb: number, totalMb: number): void
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface StackOptions {
  /** The package root: `stack/*.pom.xml` and `stack/*.sums` are read from there. */
  root: string
  /** The data folder of this checkout, usually `.tributary`. */
  dataDir: string
  /** The caller's environment: PATH, HOME, JAVA_HOME, TRIBUTARY_JAVA_HOME, XDG_CACHE_HOME. Nothing here reads `process.env`. */
  env: Environment
  events: StackEvents
  /** Wipes the data of the wanted parts first. */
  fresh?: boolean
  only?: readonly PartName[]
  /** `test` starts quicker and cleans logs sooner; `run` is as fast as the machine allows. */
  profile?: Profile
  /** Default: as it runs already, else processes. */
  kind?: StackKind | null
  /** Shared between checkouts; default `$XDG_CACHE_HOME/tributary` or `~/.cache/tributary`. */
  cacheDir?: string
}

export type Profile = 'test' | 'run'
