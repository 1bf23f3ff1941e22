import { join } from 'node:path'
import { httpAsk } from './http-ask.js'
import { jvm, type Part } from './part.js'
import { registryUrl } from './services.js'

export const registry: Part = {
  name: 'registry',
  kind: 'apicurio',
  version: '3.3.3',
  ports: ['http', 'management'],
  download: { label: 'Apicurio Registry 3.3.3', folder: 'registry-3.3.3', pom: 'registry', megabytes: 159, unpack: true },
  patienceMs: 120_000,

  async command(launch) {
    return {
      file: launch.java,
      args: [
        ...jvm({ heapMb: 256, launch, quick: true }),
        ...registrySettings(launch.ports as { http: number; management: number }).map(([name, value]) => `-D${name}=${value}`),
        '-jar',
        join(launch.home, 'quarkus-run.jar'),
      ],
    }
  },

  async serves(state, { withinMs }) {
    const answer = await httpAsk(`${registryUrl(state.ports.http!)}/subjects`, {}, withinMs)
    return answer?.status === 200 && answer.body.startsWith('[')
  },
}

export function registrySettings(ports: { http: number; management: number }): [name: string, value: string | number][] {
  return [
    ['quarkus.http.host', '127.0.0.1'],
    ['quarkus.http.port', ports.http],
    ['quarkus.http.access-log.enabled', 'false'],
    // Left alone it listens on 0.0.0.0:9000, where two stacks would also collide.
    ['quarkus.management.host', '127.0.0.1'],
    ['quarkus.management.port', ports.management],
    ['quarkus.otel.sdk.disabled', 'true'],
    ['apicurio.storage.kind', 'sql'],
    ['apicurio.storage.sql.kind', 'h2'],
    // Without WRITE_DELAY=0 a hard stop within a second of a registration loses it.
    ['apicurio.datasource.url', 'jdbc:h2:file:./registry;WRITE_DELAY=0'],
    // The client refuses a subject whose compatibility differs from the one it asks for, and unset means NONE.
    ['apicurio.rules.global.compatibility', 'BACKWARD'],
  ]
}
