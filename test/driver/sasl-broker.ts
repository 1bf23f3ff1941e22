import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Connections } from '../../runtime/kafka/connections.js'
import { kafkajsClient } from '../../runtime/kafka/kafkajs-internals.js'
import type { WireRequest } from '../../runtime/kafka/wire-request.js'
import { kafka } from '../../stack/kafka.js'
import { choosePorts, isFree } from '../../stack/ports.js'
import { type BrokerProcess, brokerLaunch, brokerProcess, changeSettings, removeBroker } from './broker-process.js'

/** A broker that wants a name and a password, and wants them again before `reauthMs` are over. */
export interface SaslBroker extends BrokerProcess {
  readonly brokers: readonly string[]
  readonly sasl: { readonly mechanism: 'scram-sha-512'; readonly username: string; readonly password: string }
  close(): Promise<void>
}

const username = 'somebody'
const password = 'a password'
const iterations = 4096

export async function saslBroker(reauthMs: number): Promise<SaslBroker> {
  const bare = await brokerLaunch('sasl-broker')
  const ports = await choosePorts(['client', 'controller', 'sasl'], { remembered: {}, taken: new Set(), seed: bare.dir, isFree })
  const launch = { ...bare, ports }
  await kafka.prepare!(launch)
  const settings = join(launch.dir, 'server.properties')
  const more: Readonly<Record<string, string>> = {
    listeners: `SASL://127.0.0.1:${ports.sasl}`,
    'advertised.listeners': `SASL://127.0.0.1:${ports.sasl}`,
    'listener.security.protocol.map': 'SASL:SASL_PLAINTEXT',
  }
  changeSettings(settings, (name, value) => (more[name] === undefined ? undefined : `${value},${more[name]}`))
  const mechanism = 'listener.name.sasl.scram-sha-512'
  appendFileSync(
    settings,
    `listener.name.sasl.sasl.enabled.mechanisms=SCRAM-SHA-512
${mechanism}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
${mechanism}.connections.max.reauth.ms=${reauthMs}
`,
  )
  const broker = brokerProcess(launch)
  await broker.start()
  const open = new Connections(kafkajsClient({ brokers: [`127.0.0.1:${ports.client}`], clientId: 'sasl' }))
  await open.send(undefined, createUser(randomBytes(16)))
  await open.close()
  return {
    ...broker,
    brokers: [`127.0.0.1:${ports.sasl}`],
    sasl: { mechanism: 'scram-sha-512', username, password },
    async close() {
      await broker.kill()
      removeBroker(launch)
    },
  }
}

/** AlterUserScramCredentials: the broker gets the salted password, not the password. */
function createUser(salt: Buffer): WireRequest<void> {
  const salted = pbkdf2Sync(password, salt, iterations, 64, 'sha512')
  const bytes = (out: Parameters<WireRequest<void>['encode']>[0], value: Buffer) => out.uvarint(value.length + 1).raw(value)
  return {
    api: 51,
    name: 'AlterUserScramCredentials',
    version: 0,
    flexible: true,
    encode: out => {
      out.compactArray([], () => undefined)
      out.compactArray([username], name => {
        out.compactString(name).i8(2).i32(iterations)
        bytes(out, salt)
        bytes(out, salted)
        out.tags()
      })
      out.tags()
    },
    decode: from => {
      from.i32()
      const errors = from.compactArray(() => {
        from.compactString()
        const error = [from.i16(), from.compactString()]
        from.tags()
        return error
      })
      if (errors[0]![0] !== 0) throw new Error(`creating the user: ${errors[0]!.join(' ')}`)
    },
  }
}
