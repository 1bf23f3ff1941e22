import { createHash } from 'node:crypto'
import { buildManifest, manifestText } from '../../sinks/manifest.js'
import { verify } from '../../verify/verify.js'
import { sampleFile, sampleInput } from '../sinks/sample-manifest.js'

const dataset = 'algebra-2024'
const copy = `${dataset}/manifest.json`
const numbered = (version: number) => `${dataset}/manifests/${String(version).padStart(10, '0')}.json`
const body = Buffer.from('user_id,score\n1,2\n')
const file = sampleFile(0, 0, { bytes: body.length, rows: 1, sha256: createHash('sha256').update(body).digest('hex') })
const version = (number: number, more: object = {}, key = file.key) =>
  manifestText({ ...buildManifest(sampleInput({ version: number, files: [{ ...file, key }], sections: [] })), ...more })

/** What the checker says of these objects; `pause` may change them. */
async function problemsOf(objects: Record<string, string>, pause: () => void = () => undefined): Promise<readonly string[]> {
  const held: Record<string, string | Buffer> = { [file.key]: body, ...objects }
  const verdict = await verify(
    {
      ledgers: async () => [],
      partitions: 0,
      async *events() {
        yield []
      },
      datasets: async () => [dataset],
      folders: async () => [],
      async *objects(prefix, after) {
        const keys = Object.keys({ ...held, ...objects }).filter(key => key.startsWith(prefix) && key > after)
        for (const key of keys.sort()) yield { key, size: Buffer.byteLength(objects[key] ?? held[key]!) }
      },
      object: async key => ((objects[key] ?? held[key] ?? null) === null ? null : Buffer.from(objects[key] ?? held[key]!)),
      pause: async () => pause(),
      sources: async () => undefined,
      times: { xapiId: 'of another log', firstAt: async () => null, filesAt: async () => [] },
    },
    () => undefined,
  )
  expect(verdict.ok).toBe(verdict.problems.length === 0)
  return verdict.problems
}

test('a manifest that is its number passes, also behind numbers that were cleared', async () => {
  expect(await problemsOf({})).toEqual([])
  expect(await problemsOf({ [numbered(1)]: '', [numbered(7)]: version(7), [copy]: version(7) })).toEqual([])
})

test.each<[string, Record<string, string>, string[]]>([
  [
    'damaged',
    { [numbered(7)]: version(7), [copy]: version(7).slice(0, 300) },
    [`dataset ${dataset}: manifest.json cannot be read: not JSON`],
  ],
  ['empty', { [numbered(7)]: version(7), [copy]: '' }, [`dataset ${dataset}: manifest.json cannot be read: this version was cleared`]],
  ['something else', { [numbered(7)]: version(7), [copy]: '{}' }, [expect.stringContaining('manifest.json cannot be read: context: ')]],
  ['not there', { [numbered(7)]: version(7) }, [`dataset ${dataset}: manifest.json is not there`]],
  ['damaged, without a number', { [copy]: '{' }, [`dataset ${dataset}: manifest.json cannot be read: not JSON`]],
  [
    'older than the newest number',
    { [numbered(7)]: version(7), [numbered(8)]: version(8), [copy]: version(7) },
    [`dataset ${dataset}: manifest.json is version 7, the newest numbered manifest is 8`],
  ],
  ['of no number', { [copy]: version(7) }, [`dataset ${dataset}: manifest.json is version 7, which has no numbered manifest`]],
  [
    'not what its number is',
    { [numbered(7)]: version(7), [copy]: version(7, { updatedAt: 'later' }) },
    [`dataset ${dataset}: manifest.json differs from numbered manifest 7`],
  ],
  [
    'not what its number is, which is damaged',
    { [numbered(7)]: '{', [copy]: version(7) },
    [`dataset ${dataset}: numbered manifest 7 cannot be read: not JSON`],
  ],
  [
    "another dataset's",
    { [numbered(7)]: version(7, { dataset: 'other' }), [copy]: version(7, { dataset: 'other' }) },
    [`dataset ${dataset}: manifest.json is of dataset other`],
  ],
  [
    'naming files of elsewhere',
    { [numbered(7)]: version(7, {}, `${dataset}/../b.csv`), [copy]: version(7, {}, `${dataset}/../b.csv`) },
    [`dataset ${dataset}: ${dataset}/../b.csv is listed and does not lie below ${dataset}/`],
  ],
])('manifest.json: %s', async (_, objects, problems) => {
  expect(await problemsOf(objects)).toEqual(problems)
})

test('where manifest.json is damaged the files are checked by the newest number', async () => {
  const objects = { [numbered(7)]: version(7), [copy]: '{', [file.key]: 'user_id,score\n' }
  expect(await problemsOf(objects)).toContain(`dataset ${dataset}: ${file.key} has 0 rows, listed with 1`)
})

test('a publisher that is between its two writes is no fault', async () => {
  const objects = { [numbered(7)]: version(7), [numbered(8)]: version(8), [copy]: version(7) }
  let looks = 0
  const done = () => {
    if (++looks === 3) objects[copy] = version(8)
  }
  expect(await problemsOf(objects, done)).toEqual([])
})
