import { readManifest } from '../../runtime/datasets/read.js'
import { uploads } from '../driver/objects.js'
import { makeWorld } from '../driver/real-world.js'
import { deadLettersOf, rowsOf } from '../driver/results.js'
import { startRoles } from '../driver/roles.js'
import { countOf, kindsOfDataset, statements } from '../driver/statements.js'

const lines = 2000

test('a history becomes datasets, each fact once, and reading it again changes nothing', async () => {
  const world = await makeWorld()
  startRoles(world)
  const kinds = Object.keys(kindsOfDataset) as (keyof typeof kindsOfDataset)[]
  for (const kind of kinds) await world.apply({ id: kind, kind })
  const spoilt = [
    '{"actor": {',
    statements(0, 1)[0]!.replace('page_attempt_guid', 'page_attempt_gone'),
    '[1, 2]',
    statements(1, 2)[0]!.replace(/"timestamp":"[^"]*"/, '"timestamp":"yesterday"'),
  ]
  const facts = statements(0, lines)
  const whole = [...facts.slice(0, 500), ...spoilt, ...facts.slice(500), ...facts.slice(100, 140)]
  const objects = uploads(1, 'attempt_evaluated', whole, 150)
  await world.put(objects)

  const first = await world.backfill()
  expect(first).toMatchObject({
    objects: objects.length,
    skipped: 0,
    lines: whole.length,
    blank: 0,
    published: whole.length,
    refused: {},
    sealed: true,
  })
  for (const kind of kinds) expect((await rowsOf(world, kind)).rows).toHaveLength(countOf(0, lines, kindsOfDataset[kind]))
  const letters = await deadLettersOf(world)
  expect(letters.map(({ code, source }) => [code, source.slice(source.indexOf('#'))])).toEqual([
    ['invalid_json', '#51'],
    ['missing_key', '#52'],
    ['invalid_json', '#53'],
    ['bad_value', '#54'],
  ])
  expect(letters.every(({ source }) => source.startsWith(`s3://${world.bucket}/${objects[3]!.key}#`))).toBe(true)
  const markers = 2 * world.services.config.partitions
  const sums = { records: whole.length + markers, markers, misplaced: 0, events: lines, duplicates: 40, deadLetters: spoilt.length }
  expect(await world.verify()).toEqual({ ok: true, problems: [], ledger: sums })

  const again = await world.backfill()
  expect(again).toMatchObject({ objects: 0, skipped: objects.length, lines: 0, published: 0 })

  const filesOf = async () =>
    Promise.all(kinds.map(async kind => (await readManifest(world.services, kind))!.files.map(({ key, sha256 }) => [key, sha256])))
  const before = await filesOf()
  await world.put(objects.map(({ key, body }) => ({ key: `copy/${key}`, body })))
  const renamed = await world.backfill({ prefix: 'copy/' })
  expect(renamed).toMatchObject({ objects: objects.length, skipped: 0, published: whole.length })
  expect(await filesOf()).toEqual(before)
  const { ok, problems, ledger } = await world.verify()
  expect([ok, problems]).toEqual([true, []])
  expect(ledger).toMatchObject({ events: lines, duplicates: 40 + lines + 40, deadLetters: 2 * spoilt.length, misplaced: 0 })
})
