import { join } from 'node:path'
import { kafka } from '../../stack/kafka.js'
import { choosePorts, isFree } from '../../stack/ports.js'
import { type BrokerProcess, brokerLaunch, brokerProcess, changeSettings, removeBroker } from './broker-process.js'
import { type FaultProxy, startProxy } from './proxy.js'

/** A broker for one test file. */
export interface OwnBroker extends BrokerProcess {
  /** For the test's own clients: never disturbed. */
  readonly direct: string
  /** Through the proxy: who comes in there is led to the proxy by all metadata. */
  readonly proxied: string
  readonly proxy: FaultProxy
  /** The folder of its logs. */
  readonly data: string
  /** For good, with its data. */
  close(): Promise<void>
}

export async function ownBroker(): Promise<OwnBroker> {
  const bare = await brokerLaunch('broker')
  const ports = await choosePorts(['client', 'controller', 'behind'], { remembered: {}, taken: new Set(), seed: bare.dir, isFree })
  const launch = { ...bare, ports }
  const proxy = await startProxy(ports.behind!, 'kafka')
  await kafka.prepare!(launch)
  twoDoors(join(launch.dir, 'server.properties'), ports.behind!, proxy.port)
  const broker = brokerProcess(launch)
  await broker.start()
  return {
    ...broker,
    direct: `127.0.0.1:${ports.client}`,
    proxied: `127.0.0.1:${proxy.port}`,
    proxy,
    data: join(launch.dir, 'data'),
    async close() {
      await broker.kill()
      await proxy.close()
      removeBroker(launch)
    },
  }
}

/** A second listener that names the proxy as its address: clients go where metadata sends them, so nothing has to be rewritten on the way. */
function twoDoors(file: string, behind: number, proxy: number): void {
  const more: Readonly<Record<string, string>> = {
    listeners: `PROXIED://127.0.0.1:${behind}`,
    'advertised.listeners': `PROXIED://127.0.0.1:${proxy}`,
    'listener.security.protocol.map': 'PROXIED:PLAINTEXT',
  }
  changeSettings(file, (name, value) => (more[name] === undefined ? undefined : `${value},${more[name]}`))
}
