import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface ComposeService {
  readonly image: string
  readonly build?: string
  readonly pull_policy?: string
  readonly tmpfs?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const text = readFileSync('docker-compose.yml', 'utf8')
const variable = /\$\{([A-Z0-9_]+):-([^}]*)\}/g

/** What may be set from outside, and what it is when it is not. */
export const composeVariables: Readonly<Record<string, string>> = Object.fromEntries(
  [...text.matchAll(variable)].map(([, name, fallback]) => [name, fallback]),
)

/** The file as Compose reads it where nothing is set. */
export const compose = parse(text.replace(variable, (_, __, fallback: string) => fallback).replaceAll('$$', '$'), {
  merge: true,
}) as ComposeFile

/** Of a service that is there. */
export function serviceOf(name: string): ComposeService {
  const service = compose.services[name]
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
  return service
}

export const environmentOf = (name: string) => serviceOf(name).environment ?? {}

/** Those that run our image. */
export const ourServices = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('tributary:'))

/** Ports, here and in the container, of `127.0.0.1:<here>:<there>`, the only form that is taken. */
export const published = ({ ports = [] }: ComposeService): [here: number, there: number][] =>
  ports.map(port => {
    const found = /^127\.0\.0\.1:(\d+):(\d+)$/.exec(port)
    if (found === null) throw new Error(`${port} is not a port of this machine alone`)
    return [Number(found[1]), Number(found[2])]
  })
