import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TributaryError } from '../schemas/errors.js'
import { findCommand } from './command-path.js'
import { httpAsk } from './http-ask.js'
import { jvm, type Part } from './part.js'
import { propertyValue } from './property-value.js'
import { signListBuckets } from './s3-signature.js'
import type { Environment } from './services.js'
import { type Credentials, region, stackDir } from './state.js'

const serves: Part['serves'] = async (state, { credentials, withinMs }) => {
  const host = `127.0.0.1:${state.ports.http}`
  const answer = await httpAsk(`http://${host}/`, signListBuckets(host, region, credentials, new Date()), withinMs)
  return answer?.status === 200
}

/** `versitygw` where it is installed (ready in 0.1 s, a quarter of the memory), else S3Proxy. Data made by one is never given to the other: their metadata differ. */
export async function objectStore(env: Environment, dataDir: string): Promise<Part> {
  const made = join(stackDir(dataDir), 's3')
  if (existsSync(join(made, s3proxy.kind))) return s3proxy
  const gateway = await findCommand('versitygw', env)
  if (gateway !== null) return versitygw(gateway, await gatewayVersion(gateway))
  if (!existsSync(join(made, 'versitygw'))) return s3proxy
  throw new TributaryError(
    'MACHINE_LACKS',
    `versitygw, which wrote the objects in ${made}: put it on the PATH again, or start with fresh data`,
  )
}

export const s3proxy: Part = {
  name: 's3',
  kind: 's3proxy',
  version: '4.0.0',
  ports: ['http'],
  download: { label: 'S3Proxy 4.0.0', folder: 's3proxy-4.0.0', pom: 's3proxy', megabytes: 99 },
  patienceMs: 60_000,
  serves,

  async prepare(launch) {
    const folder = join(launch.dir, s3proxy.kind)
    await mkdir(folder, { recursive: true })
    await writeFile(
      join(launch.dir, 's3proxy.properties'),
      s3proxyProperties({ port: launch.ports.http!, credentials: launch.credentials, folder }),
      { mode: 0o600 },
    )
  },

  async command(launch) {
    const jar = launch.files.find(file => file.endsWith('.jar'))!
    return {
      file: launch.java,
      args: [...jvm({ heapMb: 512, launch, quick: launch.profile === 'test' }), '-jar', jar, '--properties', 's3proxy.properties'],
    }
  },
}

/**
 * A body that is signed as a whole (boto3's put_object, and our own files) is held in memory twice before it is stored, so its size is
 * bounded, well above what a dataset file rolls at; longer ones are refused, and clients send them in parts. With 128 MiB, the server's own
 * limit, one of 125 MB ended it by lack of memory.
 */
const wholeBodyBytes = 64 << 20

/** The folder must be absolute: with a relative one objects are stored, but no listing ever shows them. */
export function s3proxyProperties(o: { port: number; credentials: Credentials; folder: string }): string {
  return `s3proxy.endpoint=http://127.0.0.1:${o.port}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=${o.credentials.accessKeyId}
s3proxy.credential=${o.credentials.secretAccessKey}
s3proxy.v4-max-non-chunked-request-size=${wholeBodyBytes}
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=${propertyValue(o.folder)}
jclouds.regions=${region}
`
}

function versitygw(file: string, version: string): Part {
  return {
    name: 's3',
    kind: 'versitygw',
    version,
    ports: ['http'],
    download: null,
    patienceMs: 30_000,
    serves,
    async prepare(launch) {
      await mkdir(join(launch.dir, 'versitygw'), { recursive: true })
    },
    async command(launch) {
      const { accessKeyId, secretAccessKey } = launch.credentials
      return {
        file,
        args: ['--quiet', '--port', `127.0.0.1:${launch.ports.http}`, '--region', region, 'posix', 'versitygw'],
        env: { ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
      }
    },
  }
}

async function gatewayVersion(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 5000 })
  return /Version\s*:\s*(\S+)/.exec(stdout)?.[1] ?? 'unknown'
}
