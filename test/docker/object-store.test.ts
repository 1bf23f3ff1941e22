import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeVolumes } from '../../stack/docker/containers.js'
import { projectOf } from '../../stack/docker/names.js'
import { type Services, startStack, stopStack } from '../../stack/stack.js'
import { s3StoreContract } from '../contracts/object-store-s3.js'

/** The S3 server of the containers is another program than the one that runs as a process. */
const dataDir = mkdtempSync(join(tmpdir(), 'tributary-'))
let services: Services

beforeAll(async () => {
  const events = { step: () => undefined }
  services = await startStack({ root: process.cwd(), dataDir, env: process.env, kind: 'docker', only: ['s3'], events })
}, 300_000)

afterAll(async () => {
  await stopStack(dataDir)
  await removeVolumes([`${projectOf(dataDir)}-s3`])
  rmSync(dataDir, { recursive: true })
}, 60_000)

s3StoreContract('S3 of the containers', () => services.s3)
