/** A log with event ids by the rules of an older release: route refuses it, and a reset, broken anywhere, leads to the rules of this one. */
import { readManifest } from '../../../runtime/datasets/read.js'
import type { Log, OutRecord, PartitionBatch } from '../../../runtime/log.js'
import { reset } from '../../../runtime/reset/reset.js'
import type { Services } from '../../../runtime/services.js'
import { prepareTopics } from '../../../runtime/topics-admin.js'
import { headers } from '../../../schemas/headers.js'
import { decodeRouteSeen } from '../../../schemas/route-seen.js'
import { topicName } from '../../../schemas/topics.js'
import { edited } from '../../driver/edited.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'
import { uploads } from '../../driver/objects.js'
import { homeOf } from '../../driver/produce.js'
import { append, publish } from '../../driver/publish.js'
import { recordsOf, rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { countOf, kindsOfDataset, statement, statements } from '../../driver/statements.js'
import { until } from '../../driver/until.js'
import { withMethods } from '../../driver/with-methods.js'
import type { World } from '../../driver/world.js'

const facts = 120

/** `route-seen` as it was before the rules of ids had a number. */
const byOlderRules = (record: OutRecord): OutRecord => {
  const { position, keys } = decodeRouteSeen(record.value!)
  const head = Buffer.alloc(9, 1)
  head.writeBigUInt64BE(BigInt(position), 1)
  return { ...record, value: Buffer.concat([head, ...keys]) }
}

function olderRelease(services: Services): Services {
  const seen = topicName('route-seen', services.naming)
  const older = (batch: PartitionBatch) => (batch.topic === seen ? { ...batch, records: batch.records.map(byOlderRules) } : batch)
  const log = withMethods<Log>(services.log, {
    claim: async id => {
      const tx = await services.log.claim(id)
      return withMethods(tx, { send: batches => tx.send(batches.map(older)) })
    },
  })
  return { ...services, log }
}

const enrolled = (text: string) => edited(text, ['context', 'extensions', 'http://oli.cmu.edu/extensions/enrollment_id'], 9001)
const sentAgain = statement(2, {}, 'page_attempt')
const astray = [statement(1_000_001), statement(1_000_002)]

/** A loaded history with markers, statements in the wrong partition, and a page attempt that came twice. */
async function filled(between: (services: Services) => Services): Promise<{ world: World; stop: () => Promise<void> }> {
  const world = await makeMemoryWorld()
  const stop = startRoles(world, { between })
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated', section_ids: [1] })
  await world.apply({ id: 'learners', kind: 'learners' })
  await world.put(uploads(1, 'all', statements(0, facts), 50))
  await world.backfill()
  await publish(world, [enrolled(sentAgain)])
  for (const text of astray) await append(world, 'xapi', 1 - homeOf(world, text), [{ key: null, value: Buffer.from(text) }])
  await complete(world)
  return { world, stop }
}

async function complete(world: World): Promise<void> {
  await world.complete('attempts')
  await world.complete('learners')
}

async function outcome(world: World) {
  const manifest = (await readManifest(world.services, 'attempts'))!
  return {
    attempts: (await rowsOf(world, 'attempts')).rows,
    learners: (await rowsOf(world, 'learners')).rows,
    history: manifest.sections.map(({ history }) => history),
    problems: (await world.verify()).problems,
  }
}

const derivedSizes = async (world: World) =>
  Promise.all((['route-seen', 'events.attempt', 'route-ledger'] as const).map(async topic => (await recordsOf(world, topic)).length))

test('a page attempt that comes again with an enrollment is a repeat', async () => {
  const { world } = await filled(same => same)
  expect((await rowsOf(world, 'attempts')).rows).toHaveLength(countOf(0, facts, kindsOfDataset.attempt_evaluated) + 2)
  const { problems, ledger } = await world.verify()
  expect([problems, ledger.duplicates, ledger.misplaced]).toEqual([[], 1, 2])
})

test('route does not go on from ids by other rules, and changes nothing', async () => {
  const { world, stop } = await filled(olderRelease)
  await stop()
  const before = await derivedSizes(world)
  const refused = {
    code: 'ID_RULES_DIFFER',
    message: expect.stringMatching(/route-seen\.g\d\/0 has event ids by rules 1, and .* by rules 2.*tributary reset/),
  }
  await expect(prepareTopics(world.services)).rejects.toMatchObject(refused)
  startRoles(world)
  await publish(world, [statement(1_000_003)])
  await until(world, 'the refusal', 30, () => (world.said.some(text => /role route ended.*ID_RULES_DIFFER/.test(text)) ? true : null))
  expect(await derivedSizes(world)).toEqual(before)
})

test('a task that finds them further back stops too', async () => {
  const { world, stop } = await filled(same => same)
  await stop()
  const [last] = (await recordsOf(world, 'route-seen')).filter(({ partition }) => partition === 0).slice(-1)
  // The last record, which a role looks at as it begins, is of this release.
  await append(world, 'route-seen', 0, [byOlderRules(last!), { key: null, value: last!.value }])
  startRoles(world, { roles: ['route'] })
  await until(world, 'the refusal', 30, () => (world.said.some(text => /task stopped.*ID_RULES_DIFFER/.test(text)) ? true : null))
})

const steps = ['deleteTopics', 'createTopics', 'hintOffsets'] as const

test.each(steps.flatMap(step => [`before ${step}`, `after ${step}`]))(
  'a reset that is broken %s goes on, and all comes out right',
  async point => {
    const { world, stop } = await filled(olderRelease)
    await stop()
    const [when, step] = point.split(' ') as ['before' | 'after', (typeof steps)[number]]
    const { log } = world.services
    const broken = async (...input: never[]) => {
      if (when === 'after') await (log[step] as (...input: never[]) => Promise<void>).apply(log, input)
      throw new Error('the process died')
    }
    await expect(reset({ ...world.services, log: withMethods<Log>(log, { [step]: broken }) }, 'derived')).rejects.toThrow('died')
    // Who starts the roles now is refused, or works on topics that are new.
    if (point === 'before deleteTopics') await expect(prepareTopics(world.services)).rejects.toMatchObject({ code: 'ID_RULES_DIFFER' })
    await reset(world.services, 'derived')
    startRoles(world)
    await complete(world)

    const { world: other } = await filled(same => same)
    const expected = await outcome(other)
    expect(expected).toMatchObject({ history: ['loaded'], problems: [] })
    expect(await outcome(world)).toEqual(expected)
    // Markers flow again, and what was astray is moved again: the copies that lie in `xapi` already are dropped as repeats.
    const { ledger } = await world.verify()
    const before = (await other.verify()).ledger
    expect({ ...ledger, records: 0, duplicates: 0 }).toEqual({ ...before, records: 0, duplicates: 0 })
    expect(ledger.duplicates).toBe(before.duplicates + astray.length)
    const placed = (await recordsOf(world, 'xapi')).filter(record => record.headers.some(([name]) => name === headers.placed))
    expect(placed).toHaveLength(2 * astray.length)
  },
)
