import { manifestText } from '../../../commands/manifest-text.js'
import { applyDataset } from '../../../runtime/datasets/apply.js'
import { readManifest } from '../../../runtime/datasets/read.js'
import { readSpecs } from '../../../runtime/datasets/specs.js'
import type { Services } from '../../../runtime/services.js'
import { pseudonymsKey } from '../../../runtime/spec-table.js'
import type { Manifest } from '../../../schemas/manifest.js'
import { topicName } from '../../../schemas/topics.js'
import { keyFingerprint, pseudonym, publicKey } from '../../../sinks/identity.js'
import { indexPage } from '../../../sinks/index-page.js'
import { manifestKey, manifestVersionKey } from '../../../sinks/naming.js'
import { topology } from '../../../topology.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { homeOf } from '../../driver/produce.js'
import { recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import type { World } from '../../driver/world.js'

const [ours, theirs] = ['the same key in all worlds', 'the key of somebody else'] as const
const people = Array.from({ length: 12 }, (_, n) => n)

const withKey = (pseudonymKey: string) => ({
  between: (services: Services) => ({ ...services, config: { ...services.config, pseudonymKey } }),
})
/** Of two partitions, so that two instances share them. */
const world = () => makeMemoryWorld({ PARTITIONS: '2' })

/** One view of every person each time. */
async function tell(world: World, time: number): Promise<void> {
  const { log, naming } = world.services
  const writer = await log.writer()
  const texts = people.map(n => statement(n + 40 * time, { learners: 40 }, 'page_viewed'))
  const topic = topicName('xapi', naming)
  await writer.send(texts.map(text => ({ topic, partition: homeOf(world, text), records: [{ key: null, value: Buffer.from(text) }] })))
  await writer.close()
}

async function shows(world: World, dataset: string, rows: number): Promise<Manifest> {
  await until(world, `${dataset} to have ${rows} rows`, 60, async () => {
    const manifest = await readManifest(world.services, dataset)
    return (manifest?.counts.rows === rows && manifest.positions.every(({ xapi }) => xapi !== null)) || null
  })
  return (await readManifest(world.services, dataset))!
}

const personsIn = async (world: World, dataset: string) =>
  new Set((await rowsOf(world, dataset)).rows.map(row => row.split(',').find(cell => /^p[a-z2-7]{26}$/.test(cell))!))
const personsOf = (key: string) => new Set(people.map(n => pseudonym(Buffer.from(key), 'one.oli.test', String(n))))

const refusals = (world: World) => world.said.filter(line => line.includes('PSEUDONYM_KEY_DIFFERS'))

async function refused(world: World, dataset: string): Promise<void> {
  await until(world, `${dataset} to be refused`, 60, () => refusals(world).some(line => line.includes(`writing ${dataset},`)) || null)
}

test('a sink with another key leaves the dataset alone, and no other; with the right key it goes on', async () => {
  const w = await world()
  const spec = { kind: 'page_viewed', exclude_fields: [] }
  await w.apply({ id: 'hidden', ...spec, anonymize: true })
  await w.apply({ id: 'summed', kind: 'learners', anonymize: true })
  await w.apply({ id: 'named', ...spec, anonymize: 'ids' })
  const stop = startRoles(w)
  await tell(w, 0)
  const before = await shows(w, 'hidden', people.length)
  await shows(w, 'summed', people.length)
  expect(before.producedBy.pseudonymKey).toBe(keyFingerprint(Buffer.from(ours)))
  await stop()

  const stopTheirs = startRoles(w, withKey(theirs))
  await tell(w, 1)
  await shows(w, 'named', 2 * people.length)
  for (const id of ['hidden', 'summed']) await refused(w, id)
  expect(refusals(w).join()).toMatch(/dataset apply FILE --new-revision/)
  const shown = (await readManifest(w.services, 'hidden'))!
  expect(shown.files.map(({ key }) => key).sort()).toEqual(before.files.map(({ key }) => key).sort())
  expect(shown.completeThrough === null).toBe(before.completeThrough === null)
  await stopTheirs()

  startRoles(w)
  await shows(w, 'hidden', 2 * people.length)
  await w.complete('summed')
  expect(await personsIn(w, 'hidden')).toEqual(personsOf(ours))
  expect(await personsIn(w, 'summed')).toEqual(personsOf(ours))
  expect((await w.verify()).problems).toEqual([])
})

test('a new revision has the key of those who make it, though its spec is unchanged', async () => {
  const w = await world()
  await w.apply({ id: 'hidden', kind: 'page_viewed', anonymize: true })
  const stop = startRoles(w)
  await tell(w, 0)
  await shows(w, 'hidden', people.length)
  await stop()
  startRoles(w, withKey(theirs))
  await refused(w, 'hidden')
  const revision = await w.apply({ id: 'hidden', kind: 'page_viewed', anonymize: true }, { newRevision: true })
  await until(w, 'the new revision', 60, async () => (await readManifest(w.services, 'hidden'))?.revision === revision || null)
  const manifest = await shows(w, 'hidden', people.length)
  expect(manifest.producedBy.pseudonymKey).toBe(keyFingerprint(Buffer.from(theirs)))
  expect(await personsIn(w, 'hidden')).toEqual(personsOf(theirs))
  expect((await w.verify()).problems).toEqual([])
})

test('of two instances that start at once with different keys one makes the pseudonyms', async () => {
  const w = await world()
  for (const n of [1, 2, 3]) await w.apply({ id: `hidden-${n}`, kind: 'page_viewed', anonymize: true })
  await tell(w, 0)
  startRoles(w, { roles: ['route', 'publish'] })
  startRoles(w, { roles: ['sink'], ...withKey(ours) })
  const stop = startRoles(w, { roles: ['sink'], ...withKey(theirs) })
  await until(w, 'somebody to be refused', 60, () => refusals(w).length > 0 || null)
  await stop()
  const { pseudonymKeys } = await readSpecs(w.services)
  expect(pseudonymKeys.size).toBe(3)
  const nameOf = (fingerprint: string) => [ours, theirs].find(key => keyFingerprint(Buffer.from(key)) === fingerprint)!
  // Each goes on alone: first the one that was stopped.
  for (const key of new Set([...pseudonymKeys.values()].map(nameOf)))
    if (key === theirs) startRoles(w, { roles: ['sink'], ...withKey(key) })
  for (const [revision, fingerprint] of pseudonymKeys) {
    const [dataset] = revision.split('|')
    await shows(w, dataset!, people.length)
    expect(await personsIn(w, dataset!)).toEqual(personsOf(nameOf(fingerprint)))
  }
  expect((await w.verify()).problems).toEqual([])
})

test('with the key that everybody knows no pseudonyms are made, unless all learners are made up', async () => {
  const w = await makeMemoryWorld({ PARTITIONS: '2', PSEUDONYM_KEY: publicKey })
  await expect(w.apply({ id: 'hidden', kind: 'page_viewed', anonymize: true })).rejects.toMatchObject({ code: 'PSEUDONYM_KEY_PUBLIC' })
  // Applied where the key is not at hand: the sink has it.
  const elsewhere = { ...w.services, config: { ...w.services.config, pseudonymKey: '', brokers: ['elsewhere'] } }
  await applyDataset(elsewhere, topology.formats, { id: 'hidden', kind: 'page_viewed', freshness: 1 }, { dryRun: false })
  await w.apply({ id: 'named', kind: 'page_viewed' })
  const stop = startRoles(w)
  await tell(w, 0)
  await shows(w, 'named', people.length)
  await until(
    w,
    'it to be refused',
    60,
    () => w.said.some(line => /PSEUDONYM_KEY_PUBLIC.*writing hidden,.*openssl rand/.test(line)) || null,
  )
  expect((await readManifest(w.services, 'hidden'))?.files ?? []).toEqual([])
  await stop()

  startRoles(w, { between: services => ({ ...services, config: { ...services.config, allowPublicKey: true } }) })
  const { producedBy } = await shows(w, 'hidden', people.length)
  expect(producedBy).toMatchObject({ pseudonymKey: keyFingerprint(Buffer.from(publicKey)), pseudonymKeyIsPublic: true })
  const manifest = (await readManifest(w.services, 'hidden'))!
  for (const text of [indexPage(manifest), manifestText(manifest)]) expect(text).toContain('they hide nobody')
  expect(w.said.some(line => line.includes('everybody can say whose the pseudonyms are'))).toBe(true)
})

/** As a release left it that wrote no keys down. */
async function forgetKeys(w: World): Promise<void> {
  const writer = await w.services.log.writer()
  for (const { key, partition } of await recordsOf(w, 'datasets'))
    if (key!.toString().startsWith('pseudonyms|'))
      await writer.send([{ topic: topicName('datasets', w.services.naming), partition, records: [{ key, value: null }] }])
  await writer.close()
}

test('of a revision that an earlier release has begun the manifest says whose pseudonyms it has', async () => {
  const w = await world()
  await w.apply({ id: 'hidden', kind: 'page_viewed', anonymize: true })
  const stop = startRoles(w)
  await tell(w, 0)
  await shows(w, 'hidden', people.length)
  await stop()
  await forgetKeys(w)
  const stopTheirs = startRoles(w, withKey(theirs))
  await refused(w, 'hidden')
  await stopTheirs()
  startRoles(w)
  await tell(w, 1)
  await shows(w, 'hidden', 2 * people.length)
  expect(await personsIn(w, 'hidden')).toEqual(personsOf(ours))
})

test('files of two keys in one revision are found by verify', async () => {
  const w = await world()
  await w.apply({ id: 'hidden', kind: 'page_viewed', anonymize: true })
  const stop = startRoles(w)
  await tell(w, 0)
  await shows(w, 'hidden', people.length)
  await stop()
  const { version, ...rest } = (await readManifest(w.services, 'hidden'))!
  // Nothing says any more whose they are: as if no sink compared.
  await forgetKeys(w)
  const text = Buffer.from(JSON.stringify({ version, ...rest, producedBy: { ...rest.producedBy, pseudonymKey: null } }))
  for (const key of [manifestKey('hidden'), manifestVersionKey('hidden', version)])
    await w.services.store.put(w.services.config.datasetsBucket, key, text, 'application/json')
  startRoles(w, withKey(theirs))
  await tell(w, 1)
  await shows(w, 'hidden', 2 * people.length)
  expect((await personsIn(w, 'hidden')).size).toBe(2 * people.length)
  expect((await w.verify()).problems).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        `dataset hidden: hidden/.*has pseudonyms of the key ${keyFingerprint(Buffer.from(ours))}, the dataset those of ${keyFingerprint(Buffer.from(theirs))}`,
      ),
    ]),
  )
})

test('the first key that was written down counts, in whatever order the records are read again', async () => {
  const w = await world()
  const revision = await w.apply({ id: 'hidden', kind: 'page_viewed', anonymize: true })
  const writer = await w.services.log.writer()
  const partition = (await readSpecs(w.services)).specs.get('hidden')!.partition
  for (const [unique, key] of [
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'a'],
  ] as const) {
    const record = { key: Buffer.from(pseudonymsKey('hidden', revision, unique)), value: Buffer.from(JSON.stringify({ key })) }
    await writer.send([{ topic: topicName('datasets', w.services.naming), partition, records: [record] }])
  }
  await writer.close()
  expect((await readSpecs(w.services)).pseudonymKeys.get(`hidden|${revision}`)).toBe('a')
})
