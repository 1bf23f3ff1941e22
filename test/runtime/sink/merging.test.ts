import { createHash } from 'node:crypto'
import { systemClock } from '../../../runtime/clock.js'
import { readManifest } from '../../../runtime/datasets/read.js'
import { silentLogger } from '../../../runtime/logger.js'
import { memoryStore } from '../../../runtime/memory/memory-store.js'
import type { Member } from '../../../runtime/sink/member.js'
import { plannedMerges, uploadMerge } from '../../../runtime/sink/merge.js'
import { makeUploads } from '../../../runtime/sink/uploads.js'
import type { FileRecord } from '../../../schemas/dataset-files.js'
import { topicName } from '../../../schemas/topics.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const head = 'a,b\n'

/** Files of one row each, made by these rules, one after the other. */
async function filesOf(rules: readonly number[]) {
  const store = memoryStore(() => 0)
  await store.ensureBucket('b')
  const files = new Map<number, FileRecord>()
  for (const [i, made] of rules.entries()) {
    const body = Buffer.from(`${head}${i},${made}\n`)
    const place = { topic: 'events.video', firstOffset: i, lastOffset: i, firstTime: '2025', lastTime: '2025' } as const
    const sha256 = createHash('sha256').update(body).digest('hex')
    files.set(i, { ...place, key: `file-${i}`, bytes: body.length, rows: 1, sha256, replaces: [], rules: made, level: 0 })
    await store.put('b', `file-${i}`, body, '')
  }
  const member = {
    dataset: 'd',
    revision: 0,
    files,
    sequence: rules.length,
    format: { extension: 'csv', rules: 2, contentType: 'text/csv' },
    renderer: { head, tail: '' },
    applied: { spec: { chunk_size: 50_000 } },
    unmergeable: new Set<number>(),
  } as unknown as Member
  return { store, member, uploads: makeUploads(store, 'b', 1000, systemClock, silentLogger) }
}

const planned = (member: Member) => plannedMerges(member, 1 << 25).map(({ sequences }) => sequences)
const eight = (rules: number) => Array.from({ length: 8 }, () => rules)

test('files of two rules are never merged, and those of the present rules are', async () => {
  expect(planned((await filesOf([1, 1, 1, 1, 1, 1, 2, 2])).member)).toEqual([])
  expect(planned((await filesOf(eight(1))).member)).toEqual([])
  const { member, uploads, store } = await filesOf([...eight(1), ...eight(2)])
  expect(planned(member)).toEqual([[8, 9, 10, 11, 12, 13, 14, 15]])
  const [plan] = plannedMerges(member, 1 << 25)
  const outcome = await uploadMerge(member, plan!, { generation: 1, partition: 0 }, uploads)
  const { key, rules, rows } = (outcome as { merged: FileRecord }).merged
  expect([rules, rows]).toEqual([2, 8])
  expect((await store.get('b', key))!.toString()).toBe(`${head}8,2\n9,2\n10,2\n11,2\n12,2\n13,2\n14,2\n15,2\n`)
})

test.each([
  ['is gone', null, 'there is nothing there'],
  ['has another content', `${head}9,9\n`, 'there is another content there'],
  ['has another head', null, 'there is no head or tail of its format'],
])('a file that %s is found, and left', async (_, body, says) => {
  const { member, uploads, store } = await filesOf(eight(2))
  if (says.includes('head')) {
    const other = Buffer.from('a,c\n3,2\n')
    await store.put('b', 'file-3', other, '')
    member.files.set(3, { ...member.files.get(3)!, sha256: createHash('sha256').update(other).digest('hex') })
  } else if (body === null) await store.delete('b', ['file-3'])
  else await store.put('b', 'file-3', Buffer.from(body), '')
  const [plan] = plannedMerges(member, 1 << 25)
  const outcome = await uploadMerge(member, plan!, { generation: 1, partition: 0 }, uploads)
  expect(outcome).toMatchObject({ unmergeable: 3, error: { code: 'FILE_DAMAGED' } })
  expect(String((outcome as { error: Error }).error)).toContain(`file-3: ${says}`)
  member.unmergeable.add(3)
  // What lies before it can get no more neighbours.
  expect(planned(member)).toEqual([[0, 1, 2]])
})

async function send(world: World, from: number, to: number): Promise<void> {
  const { log, naming } = world.services
  const writer = await log.writer()
  const records = Array.from({ length: to - from }, (_, i) => ({ key: null, value: Buffer.from(statement(from + i, {}, 'page_viewed')) }))
  await writer.send([{ topic: topicName('xapi', naming), partition: 0, records }])
  await writer.close()
}

const files = async (world: World) => (await readManifest(world.services, 'views'))?.files ?? []

/** Flushes of a few rows each, every one its own file. */
async function flushes(world: World, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    await send(world, n * 3, n * 3 + 3)
    await world.complete('views')
  }
}

test('a file that is gone or changed is left and reported; the sink goes on and merges the others', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  startRoles(world)
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await flushes(world, 0, 7)
  const [, , third] = await files(world)
  expect(await files(world)).toHaveLength(7)
  await world.services.store.put(world.services.config.datasetsBucket, third!.key, Buffer.from('damaged'), '')
  await flushes(world, 7, 12)
  await until(world, 'the report', 30, () => world.said.some(line => line.includes('FILE_DAMAGED') && line.includes(third!.key)) || null)
  await flushes(world, 12, 20)
  await until(world, 'a merged file', 30, async () => (await files(world)).some(({ rows }) => rows === 24) || null)
  expect((await files(world)).some(({ key }) => key === third!.key)).toBe(true)
  expect(world.said.filter(line => / (warn|error) /.test(line) && !line.includes(third!.key))).toEqual([])
})

test('while a merge waits for S3 the sink goes on', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '1' })
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  let waits = 0
  startRoles(world, { roles: ['route', 'publish'] })
  startRoles(world, {
    roles: ['sink'],
    store: store => ({
      ...store,
      async get(bucket, key) {
        waits++
        await opened
        return store.get(bucket, key)
      },
    }),
  })
  world.atEnd(async () => open())
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await flushes(world, 0, 8)
  await until(world, 'a merge to wait', 30, () => waits > 0 || null)
  await flushes(world, 8, 12)
  expect(await files(world)).toHaveLength(12)
  open()
  await until(world, 'the merge', 30, async () => (await files(world)).length === 5 || null)
  expect((await rowsOf(world, 'views')).rows).toHaveLength(36)
  expect((await world.verify()).problems).toEqual([])
})
