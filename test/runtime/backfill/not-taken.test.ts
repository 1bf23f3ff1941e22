import { statusText } from '../../../commands/status-text.js'
import { planBackfill } from '../../../runtime/backfill/backfill.js'
import { readStatus } from '../../../runtime/read-status.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'

/** Statements under the names of other tools. */
const names = [
  'names/2025-03-03-09-00-00-delivery',
  'names/export.ndjson',
  'names/orders+0+0000000000.json',
  'names/part-00000-c000.json.gz',
]
const foreign = names.map((key, i) => ({ key, body: jsonl([statement(i)]) }))
const why = 'the name ends in neither .jsonl nor .jsonl.gz'
const notTaken = [{ why, objects: 4, examples: names.slice(0, 3) }]
const whole = { sections: [], categories: [], since: null, until: null, limitRate: null, again: false }

test('a run that takes nothing of four objects says why, and is no success', async () => {
  const world = await makeMemoryWorld()
  await world.put(foreign)
  const refusal = {
    code: 'NOTHING_TO_READ',
    message: expect.stringContaining(`4 not taken: ${why} (${names.slice(0, 3).join(', ')})`) as string,
  }
  await expect(world.backfill({ prefix: 'names/' })).rejects.toMatchObject(refusal)
  const request = { ...whole, bucket: world.bucket, prefix: 'names/' }
  await expect(planBackfill(world.services, topology.sources, request)).rejects.toMatchObject(refusal)
})

test('objects that no source takes are named by the dry run, the run and status', async () => {
  const world = await makeMemoryWorld()
  await world.put([
    ...foreign,
    { key: torusKey(1, 'page_viewed', 0), body: jsonl([statement(1)]) },
    { key: 'folder/', body: Buffer.alloc(0) },
  ])
  startRoles(world)
  expect(await planBackfill(world.services, topology.sources, { ...whole, bucket: world.bucket, prefix: '' })).toMatchObject({
    objects: 1,
    notTaken,
  })
  expect(await world.backfill()).toMatchObject({ objects: 1, notTaken })
  const status = await readStatus(world.services, topology)
  expect(status.backfills).toMatchObject([{ objects: 1, notTaken }])
  expect(statusText(status)).toContain([`not taken: 4 objects, ${why}`, ...names.slice(0, 3).map(name => `  ${name}`), '  …'].join('\n'))
})

test('where prefixes overlap each object is listed once', async () => {
  const world = await makeMemoryWorld()
  await world.put([{ key: torusKey(1, 'page_viewed', 0), body: jsonl([statement(1)]) }])
  const [torus] = topology.sources
  const twice = { ...torus!, name: 'twice', prefixes: () => ['section/1/', 'section/'] }
  const plan = await planBackfill(world.services, [torus!, twice], { ...whole, bucket: world.bucket, prefix: null, sections: ['1'] })
  expect(plan).toMatchObject({ objects: 1, skipped: 0 })
})
